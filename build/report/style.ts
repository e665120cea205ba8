/** Each colour on a light and on a dark page; of pictures each has a contrast of 3 or more to the card. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#f5f6f8, #111418); --card: light-dark(#ffffff, #1a1e24); --edge: light-dark(#d9dde3, #323943);
  --text: light-dark(#1b2027, #e6e9ee); --soft: light-dark(#59626e, #a2acb9); --accent: light-dark(#1c58c9, #8ab4ff);
  --low: light-dark(#d5efe0, #143d2c); --high: light-dark(#fbe0cc, #572f16);
  --format-0: light-dark(#2f66d0, #7fabff); --format-1: light-dark(#7b4fc9, #c3a0ff); --format-2: light-dark(#0a8463, #45d0a6);
  --format-3: light-dark(#b03a76, #f58fc0); --format-4: light-dark(#c2570c, #ffa361); --format-5: light-dark(#6d6a14, #d6d05a);
  --baseline: light-dark(#6a7280, #9aa4b2);
  --step-0: light-dark(#8a94a3, #75808f); --step-1: light-dark(#2f66d0, #7fabff); --step-2: light-dark(#0a8463, #45d0a6);
  --step-3: light-dark(#c2570c, #ffa361); --step-4: light-dark(#7b4fc9, #c3a0ff); --step-5: light-dark(#6d6a14, #d6d05a);
  --plot-background: var(--card);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
.wrap { max-width: 1180px; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.1rem; margin: 0 0 .2rem; letter-spacing: -.005em; }
h3 { font-size: .95rem; margin: 0 0 .3rem; }
p { margin: .2rem 0; } .soft { color: var(--soft); } .small { font-size: .85rem; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .3rem .6rem; }
.card, .notice { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 1.1rem 1.25rem; margin-top: 1rem; min-width: 0; }
.notice { border-left: 4px solid light-dark(#c2570c, #ffa361); } .notice ul { margin: .2rem 0; padding-left: 1.2rem; } .against { margin: .2rem 0 0; padding-left: 1.1rem; font-size: .92rem; }
code { font: .88em ui-monospace, monospace; background: color-mix(in oklab, var(--edge) 45%, transparent); padding: .1em .35em; border-radius: 4px; }
.answer { font-size: 1.05rem; } .answer h1 { margin-top: .15rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: .8rem; margin: 1rem 0 0; }
.tile { border-top: 2px solid var(--edge); padding-top: .5rem; } .tile dt { color: var(--soft); font-size: .85rem; } .tile dd { margin: 0; }
.tile strong { font-size: 1.25rem; font-variant-numeric: tabular-nums; display: block; line-height: 1.35; }
.filters { display: flex; flex-wrap: wrap; gap: .5rem 1.4rem; align-items: end; position: sticky; top: 0; z-index: 2; padding: .6rem 1.25rem; }
fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem; } legend { font-size: .78rem; color: var(--soft); padding: 0; margin-bottom: .15rem; }
.chip { position: relative; } .chip input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
.chip span { display: block; border: 1px solid var(--edge); border-radius: 99px; padding: .1rem .65rem; font-size: .85rem; color: var(--soft); }
.chip input:checked + span { border-color: var(--accent); color: var(--accent); background: color-mix(in oklab, var(--accent) 9%, transparent); }
.chip input:focus-visible + span, button:focus-visible, summary:focus-visible, .scroll:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
.reset { color: var(--accent); font-size: .85rem; padding: .1rem .2rem; } .count { font-size: .85rem; color: var(--soft); margin-left: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 0 1rem; }
.alone { grid-column: 1 / -1; } .alone .plot { max-width: 680px; }
.wide { grid-column: 1 / -1; }
figure { margin: .6rem 0 0; } figure .scroll { margin-top: .5rem; } .scroll { overflow-x: auto; }
#cells .scroll { max-height: 42rem; overflow: auto; } #cells thead th { position: sticky; top: 0; z-index: 1; background: var(--card); box-shadow: inset 0 -1px var(--edge); }
#cells tbody th, #cells thead th:first-child { position: sticky; left: 0; background: var(--card); } #cells thead th:first-child { z-index: 2; }
.plot { display: block; width: 100%; height: auto; min-width: 540px; font-family: inherit; } .wide .plot { min-width: 760px; }
.plot text { white-space: pre; } .off, tr[hidden] { display: none; }
.keys { display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; margin: .5rem 0 0; padding: 0; font-size: .85rem; }
.keys svg { width: 14px; height: 14px; margin-right: .35rem; vertical-align: -2px; }
.notes { list-style: none; margin: .5rem 0 0; padding: 0; font-size: .85rem; color: var(--soft); font-variant-numeric: tabular-nums; }
details { margin-top: .7rem; } summary { cursor: pointer; font-size: .85rem; color: var(--accent); width: max-content; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; width: 100%; margin-top: .4rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: .28rem .6rem; text-align: left; border-bottom: 1px solid var(--edge); white-space: nowrap; }
thead th { font-weight: 600; color: var(--soft); vertical-align: bottom; } tbody th { font-weight: 500; } .n, .numbers td { text-align: right; }
th button { font-weight: 600; } th[aria-sort] button::after { content: " ↑"; } th[aria-sort=descending] button::after { content: " ↓"; }
tbody tr:hover { background: color-mix(in oklab, var(--accent) 5%, transparent); }
.heats { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 1rem; margin-top: .7rem; }
.heat table { border-collapse: separate; border-spacing: 3px; width: 100%; } .heat th { border: 0; } .heat thead th { text-align: center; } .heat tr:hover { background: none; } .heat thead td { background: none; } .heat thead th[scope=col]:first-child { text-align: left; }
.heat td { border: 0; border-radius: 6px; text-align: center; padding: .35rem .4rem; background: color-mix(in oklab, var(--high) var(--h, 0%), var(--low)); line-height: 1.25; }
.heat td small { display: block; font-size: .78rem; color: light-dark(#3c444f, #cbd2da); } .heat td.none { background: none; border: 1px dashed var(--edge); color: var(--soft); }
.heat td.best { outline: 2px solid var(--accent); outline-offset: -1px; font-weight: 700; } .heat td.none small { color: var(--soft); } .heat td.off { display: table-cell; visibility: hidden; }
footer { margin-top: 1.5rem; font-size: .85rem; color: var(--soft); }
@media (max-width: 600px) { #cells tbody th { white-space: normal; min-width: 8.5rem; } .filters { position: static; } .wrap { padding: 1rem .75rem 2rem; } .card, .notice { padding: .9rem; } }
@media print {
  :root { color-scheme: light; } body { background: #fff; font-size: 11px; } .wrap { max-width: none; padding: 0; } .filters, summary, .skip { display: none; }
  .card { border: 0; padding: .4rem 0; } figure, .heat, tr { break-inside: avoid; } .scroll, #cells .scroll { overflow: visible; max-height: none; } .plot { min-width: 0 !important; }
  .charts { display: block; } .heat td { print-color-adjust: exact; } .keys svg { print-color-adjust: exact; } details::details-content { content-visibility: visible; block-size: auto; }
}
`;
