// SPDX-License-Identifier: Apache-2.0

//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package lines

import (
	"errors"
	"os"
)

func lock(*os.File, bool) (bool, error) {
	return false, errors.New("files can't be locked on this system\nhint: use the full program, which keeps ledgers in a database")
}

func unlock(*os.File) {}
