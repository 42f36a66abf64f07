package source

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
)

// credentialsFor say who we are to a registry: by what the filter's table has,
// else by the user's own docker config.json, whose helpers are run if it names
// some.
func credentialsFor(registry, text string) (auth.CredentialFunc, error) {
	switch {
	case text == "":
		docker, err := credentials.NewStoreFromDocker(credentials.StoreOptions{})
		if err != nil {
			return nil, fmt.Errorf("reading docker's config.json: %w", err)
		}
		return credentials.Credential(docker), nil
	case strings.HasPrefix(strings.TrimSpace(text), "{"):
		given, err := credentials.NewMemoryStoreFromDockerConfig([]byte(text))
		if err != nil {
			return nil, errors.New("the credentials begin like a docker config.json, and are none") // and stay out of the log
		}
		return func(ctx context.Context, host string) (cred auth.Credential, err error) {
			for _, name := range namesOf(host) {
				if cred, err = given.Get(ctx, name); err != nil || cred != auth.EmptyCredential {
					break
				}
			}
			return cred, err
		}, nil
	}
	user, password, ok := strings.Cut(strings.TrimSpace(text), ":")
	if !ok {
		return nil, errors.New("the credentials are neither \"user:password\" nor a docker config.json")
	}
	return auth.StaticCredential(registry, auth.Credential{Username: user, Password: password}), nil
}

// namesOf are the names a registry may have in a config.json: Docker's own has
// another there than on the network.
func namesOf(host string) []string {
	names := []string{host}
	if u, err := url.Parse(credentials.ServerAddressFromHostname(host)); err == nil && u.Host != "" {
		names = append(names, u.Host)
	}
	return names
}
