package web

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"

	"github.com/labstack/echo/v4"
)

// Slot is one feature's own state in a visitor's session, a JSON member of the session's data. The feature declares it
// as a variable of its package; this package knows the name only. All slots are emptied when somebody signs out and
// when another account signs in.
type Slot[T any] struct{ name string }

// SlotLife is what else empties a slot.
type SlotLife bool

const (
	KeptAtSignIn SlotLife = false // a visitor's state outlives their own signing in
	UntilSignIn  SlotLife = true  // every signing in empties it, the same person's too
)

// slotLives are all slots of the program by name. They are declared when it starts; afterward nothing changes here.
var slotLives = struct {
	sync.RWMutex
	of map[string]SlotLife
}{of: map[string]SlotLife{}}

// NewSlot declares a slot. Its name is written into sessions: another name forgets what was kept. Two slots of one
// name panic.
func NewSlot[T any](name string, life SlotLife) Slot[T] {
	slotLives.Lock()
	defer slotLives.Unlock()
	if _, taken := slotLives.of[name]; taken {
		panic("two session slots are named " + name)
	}
	slotLives.of[name] = life
	return Slot[T]{name}
}

// SlotNames are the names of all slots of the program, sorted.
func SlotNames() []string {
	slotLives.RLock()
	defer slotLives.RUnlock()
	return slices.Sorted(maps.Keys(slotLives.of))
}

// Get is what the slot holds in this visitor's session; false if it is empty or holds what can no longer be read.
func (s Slot[T]) Get(c echo.Context) (value T, ok bool) {
	state := stateOf(c)
	if !state.sessionLoaded {
		return value, false
	}
	raw, kept := state.site.session(c.Request().Context()).Slots[s.name]
	if !kept {
		return value, false
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		var none T
		return none, false
	}
	return value, true
}

// Set fills the slot. It is written with the rest of the session when the request is answered.
func (s Slot[T]) Set(c echo.Context, value T) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return stateOf(c).editSession(c, func(d *sessionData) {
		if d.Slots == nil {
			d.Slots = map[string]json.RawMessage{}
		}
		d.Slots[s.name] = raw
	})
}

// Clear empties the slot. A session that has nothing in it is not begun for it.
func (s Slot[T]) Clear(c echo.Context) error {
	if state := stateOf(c); state.sessionLoaded && state.sessionErr == nil {
		if _, kept := state.site.session(c.Request().Context()).Slots[s.name]; !kept {
			return nil
		}
	}
	return stateOf(c).editSession(c, func(d *sessionData) { delete(d.Slots, s.name) })
}

// dropSlots deletes the members that the program has no slot for, or that do not outlive signing in.
func (d *sessionData) dropSlots(signIn bool) {
	slotLives.RLock()
	defer slotLives.RUnlock()
	maps.DeleteFunc(d.Slots, func(name string, _ json.RawMessage) bool {
		life, known := slotLives.of[name]
		return !known || signIn && life == UntilSignIn
	})
}
