// Package views has the templates, one folder per audience. Pages take a ...Page struct; parts are in ui.
package views

//go:generate go tool templ generate
