/**
 * The trend of a figure: columns for this year, a line for the one before. It draws what the table below it says
 * ([data-chart] names the table; its rows carry data-label, data-now, data-before), so a number that is not in the page is not
 * in the chart. Without this script the table alone stands there.
 */
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, SVGRenderer]);

const INK = "#1f2a37";
const MUTED = "#5b6b7c";
const LINE = "#d5dce4";
const PAPER = 660; // pixels between the margins of an upright A4

const number = (said: string | undefined): number | null => (said === undefined ? null : Number(said));

function draw(box: HTMLElement): void {
  const rows = [...document.querySelectorAll<HTMLElement>(`#${box.dataset.chart} tbody > tr`)];
  const unit = box.dataset.unit ?? "";
  const now = rows.map((row) => number(row.dataset.now));
  const before = rows.map((row) => number(row.dataset.before));
  if (now.every((one) => one === null)) return void box.remove();
  const hasBefore = before.some((one) => one !== null);
  const chart = init(box, null, { renderer: "svg" });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: "inherit", color: INK },
    grid: { left: 8, right: 12, top: hasBefore ? 40 : 28, bottom: 4, containLabel: true },
    legend: hasBefore ? { top: 0, right: 8, itemWidth: 16, itemHeight: 9, textStyle: { color: MUTED } } : undefined,
    // the rich text of the picture: the content policy allows no inline styles
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, valueFormatter: (said: unknown) => (said === null || said === undefined ? "—" : `${said}${unit}`) },
    xAxis: { type: "category", data: rows.map((row) => row.dataset.label ?? ""), axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, axisLabel: { color: MUTED, hideOverlap: true } },
    yAxis: { type: "value", name: unit, max: unit === "%" && [...now, ...before].every((one) => one === null || one <= 100) ? 100 : undefined, nameTextStyle: { color: MUTED, align: "right" }, splitNumber: 4, splitLine: { lineStyle: { color: LINE } }, axisLabel: { color: MUTED } },
    series: [
      { name: "本期", type: "bar", data: now, barMaxWidth: 34, itemStyle: { color: "#2f6db0", borderRadius: [2, 2, 0, 0] } },
      ...(hasBefore ? [{ name: "上年同期", type: "line" as const, data: before, symbol: "circle", symbolSize: 6, lineStyle: { width: 2, type: "dashed" as const }, itemStyle: { color: "#b26a00" } }] : []),
    ],
  });
  addEventListener("resize", () => chart.resize());
  addEventListener("beforeprint", () => {
    chart.resize({ width: PAPER });
    chart.getZr().flush(); // printing waits for no frame
  });
  addEventListener("afterprint", () => chart.resize({ width: "auto" }));
}

for (const box of document.querySelectorAll<HTMLElement>("[data-chart]")) draw(box);
