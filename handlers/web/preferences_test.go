package web

import (
	"reflect"
	"testing"
)

func TestEveryChoiceThatIsKeptForAYearIsToldToPeople(t *testing.T) {
	if kept, told := reflect.TypeFor[Preferences]().NumField(), len(RememberedChoices()); kept != told {
		t.Errorf("%d choices are kept, %d are told", kept, told)
	}
}
