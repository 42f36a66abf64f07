package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// source is what the package's files say of its types.
type source struct {
	structs map[string][]field
	docs    map[string]string // of types
	named   map[string]string // type -> the basic type below it
}

// field is a key of a table.
type field struct {
	key  string
	doc  string
	typ  ast.Expr
	rule map[string]string // its check tag
}

// readSource reads the files of a folder but for the tests.
func readSource(dir string) (*source, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	s := &source{structs: map[string][]field{}, docs: map[string]string{}, named: map[string]string{}}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("reading the source: %w", err)
		}
		for _, d := range f.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				if err := s.types(g); err != nil {
					return nil, fmt.Errorf("reading %s: %w", name, err)
				}
			}
		}
	}
	return s, nil
}

// types takes the types of a declaration.
func (s *source) types(g *ast.GenDecl) error {
	for _, spec := range g.Specs {
		t := spec.(*ast.TypeSpec)
		doc := t.Doc
		if doc == nil {
			doc = g.Doc
		}
		s.docs[t.Name.Name] = text(doc)
		switch typ := t.Type.(type) {
		case *ast.Ident:
			s.named[t.Name.Name] = typ.Name
		case *ast.StructType:
			fields, err := fieldsOf(typ)
			if err != nil {
				return fmt.Errorf("type %s: %w", t.Name.Name, err)
			}
			s.structs[t.Name.Name] = fields
		}
	}
	return nil
}

// fieldsOf are the fields of a struct that are keys of the file.
func fieldsOf(st *ast.StructType) ([]field, error) {
	var fields []field
	for _, f := range st.Fields.List {
		if f.Tag == nil {
			continue
		}
		raw, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			return nil, fmt.Errorf("tag %s: %w", f.Tag.Value, err)
		}
		tag := reflect.StructTag(raw)
		key := tag.Get("toml")
		if key == "" || key == "-" {
			continue
		}
		if f.Doc == nil {
			return nil, fmt.Errorf("key %q has no doc comment", key)
		}
		rule := map[string]string{}
		for part := range strings.SplitSeq(tag.Get("check"), ",") {
			k, v, _ := strings.Cut(part, "=")
			rule[k] = v
		}
		fields = append(fields, field{key, text(f.Doc), f.Type, rule})
	}
	return fields, nil
}

// text is a comment in one line.
func text(doc *ast.CommentGroup) string {
	return strings.Join(strings.Fields(doc.Text()), " ")
}
