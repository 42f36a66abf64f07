package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"strings"
)

// object is a JSON object. Its keys come out sorted.
type object = map[string]any

// generate is the schema of the package in dir.
func generate(dir string) ([]byte, error) {
	src, err := readSource(dir)
	if err != nil {
		return nil, err
	}
	if src.structs["Config"] == nil {
		return nil, fmt.Errorf("reading the source: %s has no type Config", dir)
	}
	g := &generator{src: src, defs: object{}}
	root, err := g.table("Config")
	if err != nil {
		return nil, err
	}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "proxy.toml"
	root["$defs"] = g.defs

	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("writing the schema: %w", err)
	}
	return out.Bytes(), nil
}

type generator struct {
	src  *source
	defs object
}

// table is the schema of a struct.
func (g *generator) table(name string) (object, error) {
	properties := object{}
	for _, f := range g.src.structs[name] {
		p, err := g.value(f.typ, f.rule)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", name, f.key, err)
		}
		p["description"] = f.doc
		properties[f.key] = p
	}
	return object{
		"type":                 "object",
		"description":          g.src.docs[name],
		"properties":           properties,
		"additionalProperties": false,
	}, nil
}

// value is the schema of a value of a type, within the bounds of a rule.
func (g *generator) value(typ ast.Expr, rule map[string]string) (object, error) {
	switch t := typ.(type) {
	case *ast.StarExpr: // a table that may be left out
		return g.value(t.X, rule)
	case *ast.ArrayType:
		items, err := g.value(t.Elt, rule)
		if p, ok := items["pattern"].(string); ok {
			items["pattern"] = strings.Replace(p, "^(|", "^(", 1) // elements are never empty
		}
		return object{"type": "array", "items": items}, err
	case *ast.MapType:
		values, err := g.value(t.Value, rule)
		o := object{"type": "object", "additionalProperties": values}
		if p, ok := patterns[rule["keys"]]; ok {
			o["propertyNames"] = object{"pattern": "^(" + p + ")$"}
		}
		return o, err
	case *ast.Ident:
		return g.named(t.Name, rule)
	}
	return nil, fmt.Errorf("there is no schema for a %T", typ)
}

// named is the schema of a type by its name.
func (g *generator) named(name string, rule map[string]string) (object, error) {
	if g.src.structs[name] != nil {
		if g.defs[name] == nil {
			g.defs[name] = true // for types within themselves
			def, err := g.table(name)
			if err != nil {
				return nil, err
			}
			g.defs[name] = def
		}
		ref := object{"$ref": "#/$defs/" + name}
		if rule["short"] != "" {
			return object{"anyOf": []object{{"type": "string"}, ref}}, nil
		}
		return ref, nil
	}
	switch name {
	case "Duration":
		return duration(rule), nil
	case "Size":
		return size(), nil
	case "Metadata":
		return object{"type": "object"}, nil
	case "any":
		return object{"type": []string{"object", "string"}}, nil
	case "bool":
		return object{"type": "boolean"}, nil
	case "int":
		return number("integer", rule)
	case "float64":
		return number("number", rule)
	case "string":
		return str(rule), nil
	}
	if basic, ok := g.src.named[name]; ok {
		return g.named(basic, rule)
	}
	return nil, fmt.Errorf("there is no schema for type %s", name)
}
