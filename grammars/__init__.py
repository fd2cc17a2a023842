"""How each format is written: a pyparsing grammar with its EBNF, one module a format."""
