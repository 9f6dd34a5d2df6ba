"""The contract as OpenAPI 3.1: what each route is called, takes, gives and refuses (docs/api.md)."""
