package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"strings"
)

// panels are the benchmarks in the picture. The first library of each is grpc-gateway. Callers selects measurements, if
// it is set.
var panels = []struct{ benchmark, callers, title string }{
	{inProcess, "", "Whole requests in one process"},
	{overTCP, "16 callers", "Whole requests over TCP, 16 callers"},
	{"StreamMessage", "", "One message of a stream"},
	{"ErrorHandler", "", "The error handler alone"},
}

const base = "grpc-gateway"

// The picture has a background, so that it can be read on light and dark pages. Bars to the left of the line are faster
// than grpc-gateway. The scale is logarithmic, because the ratios span two powers of ten.
const (
	width, margin     = 900.0, 20.0
	plotFrom, plotTo  = 220.0, 600.0
	barHeight, barGap = 11.0, 4.0
	ratioMin          = 0.1
	ratioMax          = 20.0
)

const other = "#8a949e" // the color of libraries that are not in fills

var fills = map[string]string{
	subject: "#0b7a75", full: "#63aaa6", "connect-go": "#8a6fb3", "kratos": "#b98b2f",
	"vanguard-go": "#a3586d", "net-http": "#5b7fa6",
}

const style = `text{font:11px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#24292f}` +
	`.head{font-size:15px;font-weight:600}.title{font-size:12px;font-weight:600}` +
	`.tick{fill:#57606a;text-anchor:middle}.base{fill:#57606a;text-anchor:end}.strong{font-weight:600}`

// chart draws the ratios to grpc-gateway as an SVG. It leaves the floor out.
func chart(r *results) string {
	var bars strings.Builder
	y := 64.0
	for _, panel := range panels {
		of := r.of(panel.benchmark)
		if len(of) == 0 {
			continue
		}
		y += 16
		text(&bars, margin, y, "title", panel.title)
		y += 8
		for _, keys := range distinct(of, func(m *measurement) string { return m.keys }) {
			reference := find(of, keys, base)
			if reference == nil || panel.callers != "" && reference.callers != panel.callers {
				continue
			}
			y = group(&bars, y, of, reference)
		}
	}
	return frame(y+margin) + bars.String() + "</svg>\n"
}

// group draws the bars of one case below y, and returns where it ends.
func group(bars *strings.Builder, y float64, of []*measurement, reference *measurement) float64 {
	first := true
	for _, m := range of {
		if m.keys != reference.keys || m.impl == base || m.impl == "floor" {
			continue
		}
		y += barHeight + barGap
		if first {
			text(bars, margin, y, "", reference.name)
			text(bars, plotFrom-10, y, "base", scaled(reference.median(timeUnit), timeUnit))
			first = false
		}
		bar(bars, y, m, reference)
	}
	return y + 4
}

// frame begins the SVG: the background, the head and the scale.
func frame(height float64) string {
	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[2]d" width="%[1]d" height="%[2]d" `+
		`role="img" aria-labelledby="t d">`+"\n", int(width), int(math.Ceil(height)))
	svg.WriteString(`<title id="t">Time compared with grpc-gateway</title>` + "\n")
	svg.WriteString(`<desc id="d">Bars on a logarithmic scale. Bars to the left of the line are faster than ` +
		`grpc-gateway without this library, bars to the right are slower. ` +
		`BENCHMARKS.md has the figures as tables.</desc>` + "\n")
	svg.WriteString("<style>" + style + "</style>\n")
	fmt.Fprintf(&svg, `<rect x="0.5" y="0.5" width="%.0f" height="%.0f" rx="8" fill="#ffffff" stroke="#d0d7de"/>`+"\n",
		width-1, height-1)
	text(&svg, margin, 30, "head", "Time compared with grpc-gateway without this library (= 1)")
	text(&svg, plotFrom-10, 54, "base", base)
	for _, tick := range []float64{0.2, 0.5, 1, 2, 5, 10} {
		x, stroke := position(tick), "#eaeef2"
		if tick == 1 {
			stroke = "#57606a"
		}
		text(&svg, x, 54, "tick", fmt.Sprint(tick))
		fmt.Fprintf(&svg, `<line x1="%.1[1]f" x2="%.1[1]f" y1="60" y2="%.1[2]f" stroke="%[3]s"/>`+"\n",
			x, height-margin/2, stroke)
	}
	text(&svg, position(0.3), 42, "tick", "← faster")
	text(&svg, position(3.2), 42, "tick", "slower →")
	return svg.String()
}

func bar(b *strings.Builder, y float64, m, reference *measurement) {
	ratio := m.ratio(reference)
	from, to := min(position(ratio), position(1)), max(position(ratio), position(1))
	fill, ok := fills[m.impl]
	if !ok {
		fill = other
	}
	fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.0f" fill="%s"/>`+"\n",
		from, y-barHeight+2, max(to-from, 1.5), barHeight, fill)
	class := ""
	if m.impl == subject {
		class = "strong"
	}
	text(b, plotTo+20, y, class, m.impl)
	text(b, plotTo+150, y, class, times(ratio))
	text(b, plotTo+205, y, class, scaled(m.median(timeUnit), timeUnit))
}

// position returns the x of a ratio. A ratio beyond the scale is drawn at its end.
func position(ratio float64) float64 {
	share := (math.Log10(ratio) - math.Log10(ratioMin)) / (math.Log10(ratioMax) - math.Log10(ratioMin))
	return plotFrom + (plotTo-plotFrom)*min(max(share, 0), 1)
}

func text(b *strings.Builder, x, y float64, class, content string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" class="%s">`, x, y, class)
	_ = xml.EscapeText(b, []byte(content)) // a strings.Builder takes every write
	b.WriteString("</text>\n")
}
