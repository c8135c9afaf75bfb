package views

import "slipway/internal/registry"

// OutboxPage lists mails for operators. Sending them comes with a later version; the page says so.
type OutboxPage struct {
	Page
	Mails []registry.Mail
}
