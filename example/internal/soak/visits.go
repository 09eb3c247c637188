package soak

// visits contains the visits with their frequencies.
var visits = []struct {
	weight int
	visit  func(*visitor)
}{
	{20, (*visitor).keepProject},
	{10, (*visitor).keepWorkspace},
	{20, (*visitor).beRefused},
	{10, (*visitor).listWorkloads},
	{30, (*visitor).orderThing},
	{15, (*visitor).missThing},
	{20, (*visitor).followChat},
	{5, (*visitor).loseDownload},
	{5, (*visitor).leaveCall},
	{5, (*visitor).leaveStream},
	{5, (*visitor).leaveBody},
	{20, (*visitor).meetOutage},
	{15, (*visitor).readDetails},
	{5, (*visitor).meetMiddleware},
	{10, (*visitor).useOptions},
	{10, (*visitor).useOtherProtocols},
	{40, (*visitor).passChain},
}

var weights = func() (sum int) {
	for _, kind := range visits {
		sum += kind.weight
	}
	return sum
}()
