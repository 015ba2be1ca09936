/** What the page adds to the report's style sheet. Nothing is told by color alone: outlines, dashes, signs and numbers tell it too. */
export const EXPLAIN_STYLE = String.raw`
:root{--point:#1b1f24;--on-point:#fff;--now:#0550ae;--on-now:#fff;--ok-fill:#e3f0fa;--core:#b3261e;--core-fill:#fde7e4;--before:#c8d5ff;--after:#ffe9ae;--strip:#eef1f4;--strip-now:#cfe4fb}
@media (prefers-color-scheme:dark){:root{--point:#e6edf3;--on-point:#0d1117;--now:#79c0ff;--on-now:#0d1117;--ok-fill:#10273a;--core:#ff8b80;--core-fill:#421c1a;--before:#23346b;--after:#4f3f10;--strip:#1b222b;--strip-now:#12395c}}
header.explain,main.explain,.explain~footer{max-width:1500px}
header.explain .meta{margin:0 0 6px;overflow-wrap:anywhere}header.explain .verdict .meta{margin:4px 0 0;max-width:120ch}
.top{display:flex;flex-wrap:wrap;gap:6px 20px;align-items:baseline;justify-content:space-between}.top h1{overflow-wrap:anywhere}
.keys,.orders{color:var(--soft);font-size:.87rem}.keys select,.orders select{max-width:340px}.orders{display:flex;gap:8px;align-items:center}.orders select{flex:1;min-width:0}
#sentence{font-size:1.05rem;max-width:110ch;margin:2px 0 0}
.view{display:grid;grid-template-columns:minmax(0,1fr) 340px;gap:18px;align-items:start;margin-top:14px}.view[hidden]{display:none}
.toolbar{display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;margin-bottom:6px}.toolbar .note{margin:0}
.switch{display:flex}.switch button{border-radius:0}.switch button:first-child{border-radius:5px 0 0 5px}.switch button:last-child{border-radius:0 5px 5px 0;border-left:0}
.switch button[aria-pressed=true]{background:var(--now);border-color:var(--now);color:var(--on-now)}button:disabled{opacity:.45;cursor:default}
.picture .stage{display:flex;background:var(--paper)}.gutter{flex:0 0 96px;border-right:1px solid var(--rule);background:var(--paper)}.scroller{flex:1;min-width:0;overflow-x:auto}
.gutter svg,.scroller svg{display:block}
.picture text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:var(--ink)}.picture .who{font-family:system-ui,sans-serif;font-size:12px}.picture .where,.picture .tick{fill:var(--soft);font-size:10px}.picture .tick.at-fault{fill:var(--core);font-weight:700}
.lane{fill:var(--panel)}.rule,.mark{stroke:var(--rule)}.cut{stroke:var(--core);stroke-width:1.5;stroke-dasharray:2 4}
.op{cursor:pointer;outline:none}.bar{fill:var(--ok-fill);stroke:var(--ok);stroke-width:1}
.op.unknown .bar{stroke:var(--unknown);fill:var(--paper);stroke-dasharray:5 3}.op .bar.open{fill:url(#fade-unknown)}
.op.failed .bar{stroke:var(--soft);fill:var(--paper)}.op.failed .label{fill:var(--soft)}.strike{stroke:var(--soft);stroke-width:1.5}
.op.core .bar{stroke:var(--core);stroke-width:3;fill:var(--core-fill)}.op.core .bar.open{fill:url(#fade-core)}.op.core .label{font-weight:700}
.fade-unknown{stop-color:var(--unknown)}.fade-core{stop-color:var(--core)}
.op.blocked .bar{stroke-dasharray:none;stroke-width:4}
.op.before .bar{fill:var(--before)}.op.after .bar{fill:var(--after)}.op.left-out{opacity:.4}.op.active .bar,.op:focus-visible .bar{stroke-width:4}.op.chosen .bar{stroke-width:4}.op:focus-visible .bar{stroke:var(--now)}
.picture .relation{font-size:12px;fill:var(--ink)}
.picture .none{fill:var(--core)}.overlay{pointer-events:none}.way{fill:none;stroke:var(--point);stroke-width:1.6;stroke-opacity:.7}.way.stuck{stroke:var(--core);stroke-width:2;stroke-dasharray:5 4;stroke-opacity:1}
.at{stroke:var(--point);stroke-width:1.6}.at.now{stroke:var(--now);stroke-width:2.5}.badge{fill:var(--point);stroke:var(--paper);stroke-width:1.2}.badge.now{fill:var(--now)}.badge.stuck{fill:var(--core)}
.picture .number{font:600 9.5px system-ui,sans-serif;fill:var(--on-point)}.picture .number.now{fill:var(--on-now)}.picture .number.stuck{font-size:15px;font-weight:700;fill:var(--paper)}
.state rect{fill:var(--strip);stroke:var(--rule)}.state.now rect{fill:var(--strip-now);stroke:var(--now);stroke-width:1.5}.picture .state.now text{font-weight:700}
#hidden{margin:6px 0}
.legend{display:flex;flex-wrap:wrap;gap:5px 20px;font-size:.85rem;color:var(--soft)}.legend span{display:inline-flex;align-items:center;gap:7px}.legend b{color:var(--ink);border:1px solid var(--ok);border-radius:3px;padding:0 5px;font-size:.7rem;background:var(--before)}.legend b+b{background:var(--after);margin-left:-3px}
.legend i{flex:none;display:inline-flex;align-items:center;justify-content:center;width:26px;height:14px;border:1px solid var(--ok);background:var(--ok-fill);border-radius:3px;font:700 12px/1 system-ui,sans-serif}
.legend .core,.legend .blocked{border:3px solid var(--core);background:var(--core-fill);color:var(--core)}.legend .unknown{border:1px dashed var(--unknown);border-right:0;border-radius:3px 0 0 3px;background:linear-gradient(90deg,color-mix(in srgb,var(--unknown) 40%,transparent),transparent)}
.legend .failed{border-color:var(--soft);background:linear-gradient(transparent 45%,var(--soft) 45% 58%,transparent 58%)}.legend .point{width:17px;height:17px;border-radius:50%;border:0;background:var(--point);color:var(--on-point);font-size:10px}
.panel{position:sticky;top:10px;border:1px solid var(--rule);border-radius:6px;background:var(--panel);padding:12px 14px;font-size:.92rem;overflow-wrap:anywhere}
.panel .note{margin:6px 0}.panel .controls{margin:6px 0;gap:6px;align-items:center}.panel .controls button{min-width:34px;font-size:1.05rem;line-height:1.2}.panel .controls output{flex:1;text-align:center;font-variant-numeric:tabular-nums;white-space:nowrap}
.panel .now{display:flex;gap:10px;align-items:baseline;justify-content:space-between;border:1.5px solid var(--now);border-radius:5px;background:var(--strip-now);padding:3px 10px}.panel .now .note{margin:0;color:var(--ink)}.panel .now code{font-size:1.1rem;font-weight:700}
ol.steps{list-style:none;margin:8px 0;padding:0;max-height:252px;overflow-y:auto;border:1px solid var(--rule);border-radius:5px;background:var(--paper)}
ol.steps button{display:grid;grid-template-columns:24px minmax(0,1fr) 16px minmax(24px,auto);gap:6px;align-items:baseline;width:100%;border:0;border-left:4px solid transparent;border-radius:0;background:none;padding:2px 8px;text-align:left}
ol.steps i{font:600 .75rem system-ui,sans-serif;color:var(--soft);text-align:right}ol.steps .arrow{color:var(--soft)}ol.steps .core code:first-of-type{font-weight:700;color:var(--core)}
ol.steps button:hover{background:var(--strip)}ol.steps .current button{background:var(--strip-now);border-left-color:var(--now)}ol.steps .later{opacity:.5}
.end{border-left:4px solid var(--core);background:var(--core-fill);padding:6px 10px;border-radius:4px}.end.good{border-left-color:var(--good);background:var(--strip)}
.op-link{border:0;background:none;padding:0 1px;font:.9em ui-monospace,Menlo,Consolas,monospace;color:var(--link);text-decoration:underline;text-align:left}.op-link.core{color:var(--core);font-weight:700}
.culprits{margin:4px 0;padding-left:18px}
#facts{position:sticky;bottom:8px;margin-top:8px;border:1px solid var(--rule);border-radius:6px;background:var(--panel);padding:7px 14px;overflow-wrap:anywhere;box-shadow:0 2px 10px rgb(0 0 0/.12)}#facts.pointing{pointer-events:none}
#facts h2{font-size:.95rem;margin:0 0 3px;border:0;padding:0}#facts h2.core code{color:var(--core)}#prompt{margin:0}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:2px 24px}#facts dl{grid-template-columns:max-content minmax(0,1fr);align-content:start;gap:1px 12px;margin:0;font-size:.85rem}.excluded{border-left:3px solid var(--core);padding-left:9px;margin:6px 0 2px;font-size:.92rem;max-width:none}
kbd{font:.85em ui-monospace,Menlo,monospace;border:1px solid var(--rule);border-bottom-width:2px;border-radius:4px;padding:0 5px;background:var(--panel)}
@media (max-width:960px){.view{grid-template-columns:minmax(0,1fr)}.panel{position:static}.gutter{flex-basis:56px}}
@media (max-width:560px){.columns{grid-template-columns:1fr}#facts{position:static}}
@media print{.toolbar,.controls{display:none}.panel{position:static}}
`;
