// SPDX-License-Identifier: Apache-2.0

package payments

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"example.com/shop/internal/web"
)

// CatalogPrices asks the catalog service, whose address has the form http://host:port.
type CatalogPrices struct {
	URL    string
	Client *http.Client
}

// Price implements Prices.
func (c CatalogPrices) Price(ctx context.Context, product string) (int64, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"/v1/products/"+url.PathEscape(product), nil)
	if err != nil {
		return 0, "", fmt.Errorf("asking for the price of %q: %w", product, err)
	}
	res, err := c.Client.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("asking for the price of %q: %w", product, err)
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return 0, "", ErrNoProduct
	default:
		return 0, "", fmt.Errorf("asking for the price of %q: status %d", product, res.StatusCode)
	}
	var p struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Price    int64  `json:"price"`
		Currency string `json:"currency"`
	}
	if err := web.Read(res.Body, &p); err != nil {
		return 0, "", fmt.Errorf("reading the price of %q: %w", product, err)
	}
	if p.ID != product || p.Price <= 0 {
		return 0, "", fmt.Errorf("reading the price of %q: the answer is about %q at %d", product, p.ID, p.Price)
	}
	return p.Price, p.Currency, nil
}
