module example.com/shop

go 1.26.8

require (
	github.com/go-jose/go-jose/v4 v4.1.5
	github.com/google/uuid v1.6.0
	golang.org/x/sync v0.23.0
	golang.org/x/text v0.42.0
	golang.org/x/time v0.16.0
)
