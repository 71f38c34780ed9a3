// Package storage keeps objects outside the database: in a folder, or in a bucket of an S3 server. An object is written
// whole or not at all.
package storage

import (
	"context"
	"errors"
	"time"
)

// Store keeps objects by keys like documents/1/2.
type Store interface {
	// Put keeps an object in place of what had its key: whole, or not at all.
	Put(ctx context.Context, key string, content []byte) error
	// Get is an object, or ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, error)
	// Delete lets an object go; none is no error.
	Delete(ctx context.Context, key string) error
	// List tells of every object whose key begins with a prefix, until told returns an error.
	List(ctx context.Context, prefix string, told func(Object) error) error
}

// Object is what is known of one without reading it.
type Object struct {
	Key  string
	Size int64
	At   time.Time // it was written
}

// What a store may meet. Whatever else fails may succeed when it is tried again.
var (
	ErrNotFound = errors.New("storage: there is no such object")
	ErrFull     = errors.New("storage: there is no room for it")
)
