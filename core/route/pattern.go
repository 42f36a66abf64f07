package route

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// patterns are a node's regular expressions, by the part of their literal
// beginning that lies in the segment below the node.
type patterns struct {
	byText index[rule]
	sizes  []int // of the texts, longest first
}

// pattern puts r, a regular expression that begins with text, below n.
func (n *node) pattern(text string, r *rule) {
	slash := strings.LastIndexByte(text, '/')
	n, text = n.literal(text[:slash]), text[slash+1:]
	if n.patterns == nil {
		n.patterns = &patterns{}
	}
	p := n.patterns
	push(p.byText.at(text), r)
	if !slices.Contains(p.sizes, len(text)) {
		p.sizes = append(p.sizes, len(text))
		slices.SortFunc(p.sizes, func(a, b int) int { return b - a })
	}
}

// matchPattern is the best rule with a regular expression, where n is the
// deepest literal node.
func (n *node) matchPattern(l *lookup) *rule {
	for ; n != nil; n = n.parent {
		if n.patterns == nil || n.size == len(l.path) {
			continue
		}
		next := l.path[n.size+1:]
		for _, size := range n.patterns.sizes {
			if size > len(next) {
				continue
			}
			if r := l.first(n.patterns.byText.get(next[:size])); r != nil {
				return r
			}
		}
	}
	return nil
}

// compileWhole compiles a regular expression that must match all of a text,
// and finds the literal text that it begins with.
func compileWhole(text string) (re *regexp.Regexp, literal string, err error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		if e := (*syntax.Error)(nil); errors.As(err, &e) {
			return nil, "", fmt.Errorf("regular expression %q: %s: %q", text, e.Code, e.Expr)
		}
		return nil, "", fmt.Errorf("regular expression %q: %w", text, err)
	}
	re, err = regexp.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return nil, "", fmt.Errorf("regular expression %q: %w", text, err)
	}
	literal, _ = literalBeginning(tree)
	return re, literal, nil
}

// literalBeginning is the text that every match of tree begins with, and
// whether that is all that tree matches.
func literalBeginning(tree *syntax.Regexp) (text string, all bool) {
	switch tree.Op {
	case syntax.OpLiteral:
		if tree.Flags&syntax.FoldCase != 0 {
			return "", false
		}
		return string(tree.Rune), true
	case syntax.OpEmptyMatch, syntax.OpBeginText:
		return "", true
	case syntax.OpCapture:
		return literalBeginning(tree.Sub[0])
	case syntax.OpPlus:
		text, _ = literalBeginning(tree.Sub[0])
		return text, false
	case syntax.OpConcat:
		for _, sub := range tree.Sub {
			t, all := literalBeginning(sub)
			text += t
			if !all {
				return text, false
			}
		}
		return text, true
	}
	return "", false
}
