package personal

import "fmt"

// Kind says what a piece of personal data is.
type Kind uint8

// The kinds.
const (
	Stated   Kind = iota + 1 // the object says so of itself, and nothing else was found
	Email                    // address of e-mail, but for those of an office
	Phone                    // telephone number
	Name                     // of an identity of class individual
	Address                  // of the Internet, in an object that says that it is about people
	National                 // number of a person with a check digit, after the name of its scheme
	Card                     // payment card
	Account                  // bank account, by IBAN
)

var kindNames = [...]string{"", "stated", "email", "phone", "name", "address", "national-id", "card", "iban"}

// Kinds are all there are, in their order.
func Kinds() []Kind {
	return []Kind{Stated, Email, Phone, Name, Address, National, Card, Account}
}

// String is the kind as it is written.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind-%d", uint8(k))
}

// Found is one piece of personal data, in the one form of its kind: addresses in
// lower case, numbers as digits without what divides them.
type Found struct {
	Kind Kind
	Text string
}

// MostFound is how many pieces of one object are told apart; what has more is
// personal as well.
const MostFound = 64
