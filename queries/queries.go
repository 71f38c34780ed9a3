// Package queries keeps the SQL beside the Go that is generated from it: tenantdb for one tenant's schema, shareddb
// for the shared ones, relaydb for what only the relay's role does with the outbox and the audit.
package queries

//go:generate env CGO_ENABLED=0 go tool -modfile=../tools.mod sqlc generate -f ../sqlc.yaml
