import type { PageFunction } from "./page-data.ts";
import { SCRIPT } from "./page-script.ts";

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 1.5rem auto; max-width: 1200px; padding: 0 1rem; }
h1 { font-size: 1.2rem; } h2 { font-size: 1rem; margin: 0; }
form { display: grid; gap: .6rem; max-width: 720px; }
.field { display: grid; gap: .2rem; }
input, textarea, select, button { font: inherit; padding: .35rem .5rem; }
textarea { resize: vertical; }
button { justify-self: start; padding: .4rem 1.2rem; }
#preview { max-width: 200px; max-height: 200px; }
#preview:not([src]), #preview[src=""] { display: none; }
#problem, .bad .facts { color: #c62828; }
#cells { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); margin-top: 1.5rem; }
article { border: 1px solid #8886; border-radius: 8px; padding: .8rem; min-width: 0; }
.facts { margin: .3rem 0; font-variant-numeric: tabular-nums; }
.good .facts { color: #2e7d32; }
pre { margin: .4rem 0 0; max-height: 18rem; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
.curl { border-top: 1px solid #8886; padding-top: .4rem; max-height: 6rem; opacity: .8; }
`;

/** A value as JSON that may stand in a script element. */
const embedded = (value: unknown): string => JSON.stringify(value).replace(/</g, "\\u003c");

/** The page that a browser gets: one document that loads nothing. */
export const renderPage = (functions: readonly PageFunction[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>mkimage up</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
<h1>mkimage up</h1>
<form id="form">
<label class="field"><span>Model, <span id="task"></span></span><select id="model"></select></label>
<div id="fields" class="field"></div>
<p id="problem" role="alert"></p>
<button>Ask every cell</button>
</form>
<main id="cells"></main>
<script type="application/json" id="data">${embedded(functions)}</script>
<script>${SCRIPT}</script>
</html>
`;
