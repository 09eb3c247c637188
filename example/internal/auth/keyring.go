// Package auth authenticates callers. It keeps access keys, issues bearer tokens for them, and has the gRPC
// interceptors that check the token of each call.
package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"sync"
)

// Role is the set of methods that an access key may call.
type Role int

// The roles. Each one includes the roles before it.
const (
	Viewer Role = iota + 1
	Administrator
)

// AccessKey identifies a caller. It does not contain the secret.
type AccessKey struct {
	// ID is the id of the key in the API.
	ID string
	// ClientID is the id that the caller sends with the secret.
	ClientID string
	// Owner is the user who owns the key.
	Owner string
	// Role is the role of the key.
	Role Role
}

// The errors of a Keyring.
var (
	ErrUnknownKey     = errors.New("auth: unknown access key")
	ErrBadCredentials = errors.New("auth: unknown client id or wrong secret")
)

type storedKey struct {
	AccessKey
	// secret is a digest. A fast hash is enough, because the secrets of access keys are random.
	secret [sha256.Size]byte
}

// Keyring contains the access keys. It is safe for concurrent use.
type Keyring struct {
	mu   sync.Mutex
	keys map[string]storedKey
}

// NewKeyring returns an empty keyring.
func NewKeyring() *Keyring {
	return &Keyring{keys: map[string]storedKey{}}
}

// Add adds an access key, or replaces the one with the same id.
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

// Authenticate returns the access key with the client id and the secret.
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

// Delete removes an access key. Its secret and its tokens are refused afterwards.
func (k *Keyring) Delete(id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.keys[id]; !ok {
		return ErrUnknownKey
	}
	delete(k.keys, id)
	return nil
}
