package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Local keeps objects as files of a folder.
type Local struct {
	Dir   string
	Limit int64 // bytes that all objects may have together; 0: what the disk has
}

// unfinished is where files lie that are being written. It is on the same disk, so that a rename puts them in place.
const unfinished = ".unfinished"

func (l Local) path(key string) (string, error) {
	if !filepath.IsLocal(key) || strings.Contains(key, `\`) {
		return "", fmt.Errorf("storage: %q is no key", key)
	}
	return filepath.Join(l.Dir, filepath.FromSlash(key)), nil
}

// Put writes a file beside the others, waits until it is on the disk, and gives it its name.
func (l Local) Put(ctx context.Context, key string, content []byte) error {
	path, err := l.path(key)
	if err != nil {
		return err
	}
	if err := l.room(ctx, int64(len(content))); err != nil {
		return err
	}
	for _, dir := range []string{filepath.Join(l.Dir, unfinished), filepath.Dir(path)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return full(err)
		}
	}
	f, err := os.CreateTemp(filepath.Join(l.Dir, unfinished), "object-")
	if err != nil {
		return full(err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return full(errors.Join(err, os.Remove(f.Name())))
	}
	return syncFolder(filepath.Dir(path))
}

// room refuses what would be more than the limit.
func (l Local) room(ctx context.Context, size int64) error {
	if l.Limit == 0 {
		return nil
	}
	err := l.List(ctx, "", func(o Object) error { size += o.Size; return nil })
	if err == nil && size > l.Limit {
		err = ErrFull
	}
	return err
}

// full names the errors of a disk that has no room.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// syncFolder makes the name of a file survive a power cut.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Get reads a file.
func (l Local) Get(_ context.Context, key string) ([]byte, error) {
	path, err := l.path(key)
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	return content, err
}

// Delete removes a file.
func (l Local) Delete(_ context.Context, key string) error {
	path, err := l.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// List goes through the folder. What was being written when a process was killed is told of too, under a key that no
// object has, so that it can be deleted.
func (l Local) List(ctx context.Context, prefix string, told func(Object) error) error {
	err := filepath.WalkDir(l.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was deleted meanwhile
		}
		relative, wrong := filepath.Rel(l.Dir, path)
		key := filepath.ToSlash(relative)
		if err = errors.Join(err, wrong); err != nil || !strings.HasPrefix(key, prefix) {
			return err
		}
		return told(Object{Key: key, Size: info.Size(), At: info.ModTime()})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was ever written
	}
	return err
}

// Unfinished tells whether a key is that of what was being written when a process ended.
func Unfinished(key string) bool { return strings.HasPrefix(key, unfinished+"/") }
