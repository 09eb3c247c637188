package mapping

import "reflect"

// ActAs makes FromError read the type of an error, a pointer to a struct, as the named type of another library.
func ActAs(err error, pkg, name string) {
	from, ok := libraries[typeName{pkg, name}]
	if !ok {
		panic(pkg + "." + name + " is not known")
	}
	kind := reflect.TypeOf(err).Elem()
	libraries[typeName{kind.PkgPath(), kind.Name()}] = from
}
