/**
 * Maps: a small one on a row page ([data-map]), and one to pick a point in a form ([data-geo]). Without a tile server the
 * ground is blank, with a graticule and the points of this ledger that the person may see. The page asks for the device's
 * position only when the button is pressed.
 */
import * as L from "leaflet";
import "leaflet/dist/leaflet.css";

type Point = [number, number];
const DOT = { radius: 7, weight: 2, color: "#fff", fillColor: "#b42318", fillOpacity: 1 };
const OTHER = { radius: 4, weight: 1, color: "#fff", fillColor: "#5b6b7c", fillOpacity: 0.8 };

function point(text: string): Point | null {
  const found = /^\s*(\d+(?:\.\d+)?)\s*[,，]\s*(\d+(?:\.\d+)?)\s*$/.exec(text);
  if (!found) return null;
  const [a, b] = [Number(found[1]), Number(found[2])];
  const [lon, lat] = a > b ? [a, b] : [b, a];
  return lon >= 73 && lon <= 136 && lat >= 3 && lat <= 54 ? [lat, lon] : null;
}

function graticule(map: L.Map): void {
  const lines = L.layerGroup().addTo(map);
  const draw = () => {
    lines.clearLayers();
    const bounds = map.getBounds();
    const wide = bounds.getEast() - bounds.getWest();
    const step = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001].find((one) => wide / one >= Math.max(1, map.getSize().x / 180)) ?? 0.0001;
    const places = Math.max(0, Math.ceil(-Math.log10(step)));
    const style = { color: "#c9d2db", weight: 1, interactive: false };
    const label = (at: L.LatLngExpression, text: string) =>
      L.tooltip({ permanent: true, direction: "right", className: "map-degree", opacity: 1 }).setLatLng(at).setContent(text).addTo(lines);
    for (let lon = Math.ceil(bounds.getWest() / step) * step; lon <= bounds.getEast(); lon += step) {
      L.polyline([[bounds.getSouth(), lon], [bounds.getNorth(), lon]], style).addTo(lines);
      label([bounds.getSouth() + (bounds.getNorth() - bounds.getSouth()) * 0.04, lon], `${lon.toFixed(places)}°E`);
    }
    for (let lat = Math.ceil(bounds.getSouth() / step) * step; lat <= bounds.getNorth(); lat += step) {
      L.polyline([[lat, bounds.getWest()], [lat, bounds.getEast()]], style).addTo(lines);
      label([lat, bounds.getWest() + wide * 0.01], `${lat.toFixed(places)}°N`);
    }
  };
  map.on("moveend", draw);
  map.whenReady(draw);
}

async function others(box: HTMLElement, map: L.Map): Promise<Point[]> {
  if (!box.dataset.points) return [];
  const answer = await fetch(box.dataset.points, { headers: { accept: "application/json" } });
  if (!answer.ok) return [];
  const found = (await answer.json()) as { points: { lon: number; lat: number; name: string }[] };
  return found.points.map(({ lon, lat, name }) => {
    const label = document.createElement("span");
    label.textContent = name;
    L.circleMarker([lat, lon], OTHER).bindTooltip(label).addTo(map);
    return [lat, lon];
  });
}

function open(box: HTMLElement, at: Point | null): L.Map {
  const map = L.map(box, { attributionControl: Boolean(box.dataset.tiles), zoomAnimation: false, fadeAnimation: false });
  map.setView(at ?? [35, 105], at ? 15 : 4);
  if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { maxZoom: 18, attribution: box.dataset.credit ?? "" }).addTo(map);
  else graticule(map);
  return map;
}

function show(box: HTMLElement): void {
  const at = point(box.dataset.map ?? "");
  if (!at) return;
  const map = open(box, at);
  const dot = L.circleMarker(at, DOT).addTo(map);
  void others(box, map).then(() => dot.bringToFront());
}

function startGeo(field: HTMLElement): void {
  const input = field.querySelector<HTMLInputElement>("input[type=text]");
  const box = field.querySelector<HTMLElement>("[data-geo-map]");
  if (!input || !box) return;
  let map: L.Map | null = null;
  let dot: L.CircleMarker | null = null;
  const mark = (at: Point | null) => {
    if (!map) return;
    dot?.remove();
    dot = at ? L.circleMarker(at, DOT).addTo(map) : null;
  };
  const take = (lat: number, lon: number) => {
    input.value = `${lon.toFixed(6)},${lat.toFixed(6)}`;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  field.querySelector("[data-geo-pick]")?.addEventListener("click", () => {
    box.hidden = !box.hidden;
    if (box.hidden || map) return void map?.invalidateSize();
    const at = point(input.value);
    const made = (map = open(box, at));
    mark(at);
    made.on("click", (event: L.LeafletMouseEvent) => take(event.latlng.lat, event.latlng.lng));
    void others(box, made).then((known) => {
      if (!at && known.length) made.fitBounds(L.latLngBounds(known).pad(0.2), { maxZoom: 15 });
    });
  });
  field.querySelector("[data-geo-here]")?.addEventListener("click", (event) => {
    const said = field.querySelector<HTMLElement>("[data-geo-said]");
    const tell = (words: string) => { if (said) said.textContent = words; };
    (event.currentTarget as HTMLButtonElement).blur();
    if (!navigator.geolocation) return tell("这台设备不能提供位置，请手工填写。");
    tell("正在读取位置…");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { take(coords.latitude, coords.longitude); tell(`已填入，误差约${Math.round(coords.accuracy)}米，请核对。`); },
      () => tell("没有读到位置（可能没有允许），请手工填写。"),
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
  input.addEventListener("input", () => {
    const at = point(input.value);
    mark(at);
    if (at) map?.panTo(at);
  });
}

for (const box of document.querySelectorAll<HTMLElement>("[data-map]")) show(box);
for (const field of document.querySelectorAll<HTMLElement>("[data-geo]")) startGeo(field);
