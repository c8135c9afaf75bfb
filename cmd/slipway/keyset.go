package main

import (
	"fmt"

	"slipway/internal/secret"
)

// keysetCmd prints a fresh sealing keyset for networks on PostgreSQL.
type keysetCmd struct{}

// Run prints the keyset as JSON. It is a secret: whoever has it and the database can open every credential.
func (keysetCmd) Run() error {
	_, data, err := secret.NewKeyset()
	if err != nil {
		return err
	}
	fmt.Println(string(data))
	return nil
}
