// Bundles src/ into zhenwu/config/static/build/: app.js, app.css, icons.svg. Run with --watch while working on styles.
import { build, context } from "esbuild";
import { compile } from "sass";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const out = join(here, "..", "zhenwu", "config", "static", "build");

const scss = {
  name: "scss",
  setup(builder) {
    builder.onLoad({ filter: /\.scss$/ }, ({ path }) => {
      const result = compile(path, { loadPaths: [modules], quietDeps: true });
      const watchFiles = result.loadedUrls.map((url) => fileURLToPath(url));
      return { contents: result.css, loader: "css", watchFiles };
    });
  },
};

/** Icon names that templates ask for: {% include "_icon.html" with name="…" %}. */
async function namesInTemplates() {
  const root = join(here, "..", "zhenwu");
  const files = (await readdir(root, { recursive: true })).filter((file) => /templates[\\/].*\.html$/.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  return texts.flatMap((text) => [...text.matchAll(/"_icon\.html" with name="([\w-]+)"/g)].map((found) => found[1]));
}

/** One SVG sprite from the names in src/icons.txt and in templates; a name that Tabler does not have stops the build. */
async function icons() {
  const text = await readFile(join(here, "src", "icons.txt"), "utf8");
  const listed = text.replace(/^#.*$/gm, "").split(/\s+/).filter(Boolean);
  const names = [...new Set([...listed, ...(await namesInTemplates())])].sort();
  const missing = [];
  const symbols = await Promise.all(
    names.map(async (name) => {
      const file = join(modules, "@tabler", "icons", "icons", "outline", `${name}.svg`);
      const svg = await readFile(file, "utf8").catch(() => (missing.push(name), ""));
      const shapes = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "");
      return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
    }),
  );
  if (missing.length) {
    throw new Error(`No such Tabler icon (src/icons.txt or a template): ${missing.join(", ")}. See https://tabler.io/icons for names.`);
  }
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

const options = {
  entryPoints: [
    { in: join(here, "src", "app.ts"), out: "app" },
    { in: join(here, "src", "app.css"), out: "app" },
    { in: join(here, "src", "map.ts"), out: "map" },
    { in: join(here, "src", "chart.ts"), out: "chart" },
    { in: join(here, "src", "grid", "grid.ts"), out: "grid" }, // pages that need it ask for it
    { in: join(here, "src", "grid", "grid.css"), out: "grid" },
  ],
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  charset: "utf8",
  legalComments: "none",
  target: ["chrome86", "firefox91", "safari14"],
  loader: { ".png": "dataurl" },
  plugins: [scss],
  logLevel: "warning",
};

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await icons();
await copyFile(join(here, "src", "mark.svg"), join(out, "mark.svg"));
if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
  console.log("watching src/ …");
} else {
  await build(options);
  for (const name of ["app.js", "app.css", "grid.js", "grid.css", "map.js", "map.css", "chart.js", "icons.svg"]) {
    console.log(`${name.padEnd(10)} ${((await stat(join(out, name))).size / 1024).toFixed(1)} KiB`);
  }
}
