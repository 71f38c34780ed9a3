package storage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 keeps objects in a bucket.
type S3 struct {
	Bucket string
	client *minio.Client
}

// S3Options say which bucket of which server, and as whom.
type S3Options struct {
	Endpoint, Region, Bucket, AccessKey, SecretKey string
}

// OpenS3 reads nothing yet: a server that is away is found out by the first object.
func OpenS3(o S3Options) (*S3, error) {
	at, err := url.Parse(o.Endpoint)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return nil, fmt.Errorf("storage: %q is not an address like https://s3.example.org", o.Endpoint)
	}
	client, err := minio.New(at.Host, &minio.Options{Secure: at.Scheme == "https", Region: o.Region,
		Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), MaxRetries: 3})
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	return &S3{Bucket: o.Bucket, client: client}, nil
}

// Put sends an object with its checksum, which the server compares: it keeps the whole or refuses it.
func (s *S3) Put(ctx context.Context, key string, content []byte) error {
	_, err := s.client.PutObject(ctx, s.Bucket, key, bytes.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true, SendContentMd5: true})
	return s.named(key, err)
}

// Get reads an object.
func (s *S3) Get(ctx context.Context, key string) ([]byte, error) {
	object, err := s.client.GetObject(ctx, s.Bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, s.named(key, err)
	}
	defer object.Close()
	content, err := io.ReadAll(object)
	return content, s.named(key, err)
}

// Delete lets an object go.
func (s *S3) Delete(ctx context.Context, key string) error {
	return s.named(key, s.client.RemoveObject(ctx, s.Bucket, key, minio.RemoveObjectOptions{}))
}

// List asks the bucket.
func (s *S3) List(ctx context.Context, prefix string, told func(Object) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for o := range s.client.ListObjects(ctx, s.Bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if o.Err != nil {
			return s.named(prefix, o.Err)
		}
		if err := told(Object{Key: o.Key, Size: o.Size, At: o.LastModified}); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// named says in our words what a server answered.
func (s *S3) named(key string, err error) error {
	if err == nil {
		return nil
	}
	switch answer := minio.ToErrorResponse(err); {
	case answer.Code == minio.NoSuchKey:
		return fmt.Errorf("%w: %s", ErrNotFound, key)
	case answer.StatusCode == http.StatusInsufficientStorage, answer.Code == "QuotaExceeded",
		answer.Code == "XMinioStorageFull":
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return fmt.Errorf("storage: %s: %w", key, err)
}
