package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// panels are the benchmarks in the picture: those with grpc-gateway among the compared.
var panels = []struct{ benchmark, title string }{
	{"HTTPStatus", "Look up the status of a code"},
	{"ErrorAnswer", "Error to HTTP answer"},
	{"MethodNotAllowed", "405 on 400 routes"},
	{"Unary", "A call through the mux, in process"},
	{"StreamMessage", "One message of a stream"},
	{"Gateway", "Whole gateway over TCP, time per request"},
}

const base = "grpc-gateway"

// The picture has its own ground, so that it reads on a light and on a dark page. Left of the line is faster than
// grpc-gateway, right of it slower; the scale is logarithmic, since the ratios span two powers of ten.
const (
	width, margin     = 900.0, 20.0
	plotFrom, plotTo  = 200.0, 600.0
	barHeight, barGap = 11.0, 4.0
	ratioMin          = 0.01
	ratioMax          = 10.0
)

var fills = map[string]string{
	"statusbridge": "#0b7a75", "connect-go": "#8a6fb3", "kratos": "#b98b2f", "vanguard-go": "#a3586d",
	"net-http": "#5b7fa6", "grpc-gateway-option": "#8a949e",
}

// chart draws the ratios to grpc-gateway as an SVG. The floor is left to the tables.
func chart(r *results) string {
	var b strings.Builder
	y := 64.0
	for _, panel := range panels {
		of := r.of(panel.benchmark)
		if len(of) == 0 {
			continue
		}
		y += 16
		text(&b, margin, y, "title", panel.title)
		y += 8
		for _, keys := range distinct(of, func(m *measurement) string { return m.keys }) {
			reference := find(of, keys, base)
			if reference == nil {
				continue
			}
			first := true
			for _, m := range of {
				if m.keys != keys || m.impl == base || m.impl == "floor" {
					continue
				}
				y += barHeight + barGap
				if first {
					text(&b, margin, y, "", keys)
					text(&b, plotFrom-10, y, "base", scaled(reference.median(timeUnit), timeUnit))
					first = false
				}
				bar(&b, y, m, reference)
			}
			y += 4
		}
	}
	height := y + margin
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" `+
		`role="img" aria-labelledby="t d">`+"\n", width, height, width, height)
	svg.WriteString(`<title id="t">Time in relation to grpc-gateway</title>` + "\n")
	svg.WriteString(`<desc id="d">Bars on a logarithmic scale: left of the line is faster than ` +
		`grpc-gateway's defaults, right of it slower. BENCHMARKS.md has the figures as tables.</desc>` + "\n")
	svg.WriteString(`<style>` +
		`text{font:11px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#24292f}` +
		`.head{font-size:15px;font-weight:600}.title{font-size:12px;font-weight:600}` +
		`.tick{fill:#57606a;text-anchor:middle}.base{fill:#57606a;text-anchor:end}.strong{font-weight:600}` +
		`</style>` + "\n")
	fmt.Fprintf(&svg, `<rect x="0.5" y="0.5" width="%.0f" height="%.0f" rx="8" fill="#ffffff" stroke="#d0d7de"/>`+"\n",
		width-1, height-1)
	text(&svg, margin, 30, "head", "Time in relation to grpc-gateway's defaults (= 1)")
	text(&svg, plotFrom-10, 54, "base", "grpc-gateway")
	for _, tick := range []struct {
		at    float64
		label string
	}{{0.01, "0.01"}, {0.1, "0.1"}, {1, "1"}, {10, "10"}} {
		x, stroke := position(tick.at), "#eaeef2"
		if tick.at == 1 {
			stroke = "#57606a"
		}
		text(&svg, x, 54, "tick", tick.label)
		fmt.Fprintf(&svg, `<line x1="%.1f" x2="%.1f" y1="60" y2="%.1f" stroke="%s"/>`+"\n",
			x, x, height-margin/2, stroke)
	}
	text(&svg, position(0.3), 54, "tick", "← faster")
	text(&svg, position(3.2), 54, "tick", "slower →")
	return svg.String() + b.String() + "</svg>\n"
}

func bar(b *strings.Builder, y float64, m, reference *measurement) {
	ratio := m.ratio(reference)
	from, to := min(position(ratio), position(1)), max(position(ratio), position(1))
	fill, ok := fills[m.impl]
	if !ok {
		fill = "#8a949e"
	}
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.0f" fill="%s"/>`+"\n",
		from, y-barHeight+2, max(to-from, 1.5), barHeight, fill)
	class := ""
	if m.impl == "statusbridge" {
		class = "strong"
	}
	text(b, plotTo+20, y, class, m.impl)
	text(b, plotTo+150, y, class, times(ratio))
	text(b, plotTo+205, y, class, scaled(m.median(timeUnit), timeUnit))
}

// position returns the x coordinate of a ratio. A ratio beyond the scale has the coordinate of its end.
func position(ratio float64) float64 {
	share := (math.Log10(ratio) - math.Log10(ratioMin)) / (math.Log10(ratioMax) - math.Log10(ratioMin))
	return plotFrom + (plotTo-plotFrom)*min(max(share, 0), 1)
}

func text(b *strings.Builder, x, y float64, class, content string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="%s">`, x, y, class)
	_ = xml.EscapeText(b, []byte(content)) // a strings.Builder takes every write
	b.WriteString("</text>\n")
}
