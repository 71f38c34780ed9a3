// Package migrations carries the SQL that makes the database: the shared schemas (goose) and one tenant's schema.
package migrations

import "embed"

// Bootstrap is what an administrator of the server runs once per database: roles, extensions, schemas.
//
//go:embed bootstrap.sql
var Bootstrap string

// Shared holds the goose migrations of the schemas that all tenants share.
//
//go:embed shared/*.sql
var Shared embed.FS

// Tenant holds the migrations that are applied to every tenant's schema, in order of their names.
//
//go:embed tenant/*.sql
var Tenant embed.FS
