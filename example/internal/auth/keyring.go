// Package auth knows who calls: access keys with their secrets and roles, the bearer tokens made from them, and
// the gRPC interceptors that let a call pass or not.
package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"sync"
)

// Role is what the holder of an access key may do.
type Role int

// The roles, in ascending order of what they may do.
const (
	Viewer Role = iota + 1
	Administrator
)

// AccessKey is what a caller identifies itself with. Its secret is not part of it.
type AccessKey struct {
	// ID names the key in the API.
	ID string
	// ClientID is what the caller sends beside the secret.
	ClientID string
	// Owner is who the key acts for.
	Owner string
	// Role is what the key may do.
	Role Role
}

// The errors of a Keyring.
var (
	ErrUnknownKey     = errors.New("auth: unknown access key")
	ErrBadCredentials = errors.New("auth: unknown client id or wrong secret")
)

type storedKey struct {
	AccessKey
	// secret is a digest. The secrets of access keys are random, so a fast one is enough.
	secret [sha256.Size]byte
}

// Keyring holds the access keys. It is safe for concurrent use.
type Keyring struct {
	mu   sync.Mutex
	keys map[string]storedKey
}

// NewKeyring returns an empty keyring.
func NewKeyring() *Keyring {
	return &Keyring{keys: map[string]storedKey{}}
}

// Add puts an access key on the ring, in place of one with the same id.
func (k *Keyring) Add(key AccessKey, secret string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[key.ID] = storedKey{AccessKey: key, secret: sha256.Sum256([]byte(secret))}
}

// Key returns the access key with the id.
func (k *Keyring) Key(id string) (AccessKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.keys[id]
	if !ok {
		return AccessKey{}, ErrUnknownKey
	}
	return key.AccessKey, nil
}

// Authenticate returns the access key with the client id, if the secret is its own.
func (k *Keyring) Authenticate(clientID, secret string) (AccessKey, error) {
	digest := sha256.Sum256([]byte(secret))
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		if key.ClientID == clientID && subtle.ConstantTimeCompare(key.secret[:], digest[:]) == 1 {
			return key.AccessKey, nil
		}
	}
	return AccessKey{}, ErrBadCredentials
}

// Delete takes an access key off the ring. Its secret and its tokens are worthless from then on.
func (k *Keyring) Delete(id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.keys[id]; !ok {
		return ErrUnknownKey
	}
	delete(k.keys, id)
	return nil
}
