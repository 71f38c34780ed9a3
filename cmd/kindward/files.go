package main

import (
	"context"
	"net"
	"time"

	"github.com/google/uuid"

	"kindward/internal/document"
	"kindward/internal/document/simulator"
	"kindward/internal/onboarding"
	"kindward/internal/storage"
)

// openFiles decides where files lie that people send, and who looks for viruses in them. In a demonstration a simulator
// does that on this machine, until close.
func (a *app) openFiles(demonstration bool) error {
	kept := storage.Store(storage.Local{Dir: a.FilesDir})
	if a.S3 != "" {
		bucket, err := storage.OpenS3(storage.S3Options{Endpoint: a.S3, Region: a.S3Region, Bucket: a.S3Bucket,
			AccessKey: a.S3AccessKey, SecretKey: a.S3SecretKey})
		if err != nil {
			return err
		}
		kept = bucket
	}
	a.store = storage.Sealed{Store: kept, Keys: a.ring}
	at := a.Clamd
	if at == "" && demonstration {
		var err error
		if at, err = a.simulateClamd(); err != nil {
			return err
		}
	}
	if at != "" {
		a.scanner = &document.Scanner{Address: at, Wait: document.ScanWait}
	}
	return nil
}

// simulateClamd starts what scans in a demonstration, and gives its address.
func (a *app) simulateClamd() (address string, err error) {
	if a.simulatedClamd, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return "", err
	}
	clamd := &simulator.Clamd{Slow: simulatedStep}
	a.sweeping.Go(func() {
		if err := clamd.Serve(context.Background(), a.simulatedClamd); err != nil {
			a.log.Error("the simulated scanner has ended", "error", err)
		}
	})
	return a.simulatedClamd.Addr().String(), nil
}

// scans looks for viruses in what people sent, and deletes what nothing refers to.
func (a *app) scans() *document.Scans {
	return &document.Scans{Files: document.Files{Store: a.store, Gateway: a.gateway}, Due: a.outbox.LongQueries(),
		Scanner: a.scanner, Now: time.Now, Log: a.log}
}

// demoDocument keeps a page with its name for each document of a demonstration.
func (a *app) demoDocument(application uuid.UUID) func(context.Context, *onboarding.Document) error {
	return func(ctx context.Context, doc *onboarding.Document) error {
		file, err := document.Read(doc.Name, document.Sample(doc.Name))
		if err != nil {
			return err
		}
		doc.Size, doc.Hash, doc.Pages = int64(len(file.Content)), file.Hash(), file.Pages
		return a.scans().Put(ctx, application, doc.ID, file.Content)
	}
}
