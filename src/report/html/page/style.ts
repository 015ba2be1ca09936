/** The page's style sheet, light and dark. Colors of outcomes after Okabe and Ito (2008), at a contrast of 4.5 to 1 or more for text. */
export const PAGE_STYLE = String.raw`
:root{color-scheme:light dark;--paper:#fff;--panel:#f6f8fa;--ink:#1b1f24;--soft:#57606a;--rule:#d0d7de;--link:#0550ae;
--ok:#0072b2;--fail:#8a5f00;--unknown:#b83700;--open:#b83700;--bad:#b3261e;--good:#1a6e33;--warn:#7d5700;--pale:#c9d1d9;
--phase:#dfe3e8;--leader:#cfe3d4;--fault:#dccff0;--killed:#1b1f24;--paused:#6e7781;--cutoff:#b79be6;--partly:#dccff0;--disturbed:#f2dfb3}
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--panel:#161b22;--ink:#e6edf3;--soft:#9aa4af;--rule:#30363d;--link:#79b8ff;
--ok:#56b4e9;--fail:#e6b000;--unknown:#ff8a5c;--open:#ff8a5c;--bad:#ff8b80;--good:#6fd08c;--warn:#e8b84a;--pale:#30363d;
--phase:#2b323b;--leader:#23432d;--fault:#46356a;--killed:#e6edf3;--paused:#8b949e;--cutoff:#7a5ea8;--partly:#46356a;--disturbed:#5a4a1e}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 20px}
header{padding-top:22px}
a{color:var(--link)}
h1{font-size:1.5rem;margin:0 0 6px}h2{font-size:1.15rem;margin:34px 0 10px;padding-bottom:4px;border-bottom:1px solid var(--rule)}
h3{font-size:1rem;margin:18px 0 4px}h4{font-size:.95rem;font-weight:400;margin:0 0 4px}
h3 small{color:var(--soft);font-weight:400}
p{margin:4px 0 8px;max-width:88ch;overflow-wrap:anywhere}
.verdict{border:1px solid var(--rule);border-left:8px solid var(--warn);background:var(--panel);border-radius:6px;padding:14px 18px}
.verdict.valid{border-left-color:var(--good)}.verdict.invalid{border-left-color:var(--bad)}
.verdict h1{color:var(--warn)}.verdict.valid h1{color:var(--good)}.verdict.invalid h1{color:var(--bad)}
.meta,.note{color:var(--soft);font-size:.87rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:8px;margin-top:12px}
.facts div{border:1px solid var(--rule);border-radius:6px;padding:6px 12px}.facts b{display:block;font-size:1.15rem}.facts span{color:var(--soft);font-size:.83rem}
nav{margin:12px 0 0;display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.92rem}
.mark{font-weight:600;white-space:nowrap}.mark.ok{color:var(--good)}.mark.failed,.mark.crashed{color:var(--bad)}.mark.unknown,.mark.open{color:var(--unknown)}.mark.fail{color:var(--fail)}
.mark.failed,.mark.crashed{text-transform:uppercase;letter-spacing:.03em}
.checker{border-bottom:1px solid var(--rule);padding-bottom:8px}.checker:last-child{border:0}
.anomaly{border:1px solid var(--rule);border-left:5px solid var(--bad);border-radius:6px;padding:12px 16px;margin:10px 0;background:var(--panel)}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;font-size:.89rem;margin:8px 0}th,td{text-align:left;vertical-align:top;padding:4px 14px 4px 0;border-bottom:1px solid var(--rule)}
th{font-weight:600;color:var(--soft);white-space:nowrap}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td ul{margin:0;padding-left:16px}
code,pre{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,monospace;font-size:.9em;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--rule);border-radius:6px;padding:10px 12px;white-space:pre-wrap;margin:4px 0 12px}
dl{display:grid;grid-template-columns:minmax(100px,max-content) 1fr;gap:3px 18px;font-size:.92rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.pairs span{white-space:nowrap;margin-right:12px;color:var(--soft)}.pairs b{color:var(--ink);font-weight:600;white-space:normal;overflow-wrap:anywhere}
button,select,input{font:inherit;font-size:.88rem;color:var(--ink);background:var(--paper);border:1px solid var(--rule);border-radius:5px;padding:3px 9px}
button{cursor:pointer}button:hover{border-color:var(--soft)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.controls{display:flex;flex-wrap:wrap;gap:8px 12px;align-items:end;margin:8px 0}.controls label{font-size:.83rem;color:var(--soft);display:grid}.controls input{width:9em}
.stage{position:relative;border:1px solid var(--rule);border-radius:6px;overflow:hidden}
canvas{display:block;width:100%;touch-action:pan-y;cursor:grab}canvas.dragged{cursor:grabbing}
#tip{position:absolute;pointer-events:none;background:var(--ink);color:var(--paper);padding:6px 10px;border-radius:5px;font-size:.83rem;line-height:1.4;max-width:420px;white-space:pre-line;overflow-wrap:anywhere;z-index:2}
#tip[hidden]{display:none}
#said{min-height:1.5em;white-space:pre-line;overflow-wrap:anywhere}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:.85rem;color:var(--soft);margin:6px 0}.key i{display:inline-block;width:22px;height:12px;vertical-align:-1px;margin-right:6px;border:1px solid var(--ok);background:var(--ok)}
.key i.fail{height:6px;border-color:var(--fail);background:var(--fail)}.key i.unknown{border-color:var(--unknown);background:repeating-linear-gradient(135deg,var(--unknown) 0 2px,transparent 2px 5px)}.key i.open{border-color:var(--open);background:transparent;border-right:0}
.spacetime{display:block;margin:8px 0}.spacetime .rail{stroke:var(--rule);fill:none}.spacetime text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:var(--ink)}.spacetime .who,.spacetime .index{fill:var(--soft)}
.spacetime path{stroke-width:1;fill:var(--paper);stroke:var(--soft)}.spacetime .bar:not(.fault){opacity:.72}.spacetime .fault path{stroke-width:2.6}
.spacetime .ok path{stroke:var(--ok)}.spacetime .fail path{stroke:var(--fail);stroke-dasharray:6 3}.spacetime .unknown path,.spacetime .open path{stroke:var(--unknown)}
.chart svg{width:100%;height:auto;min-width:620px;display:block}
footer{color:var(--soft);font-size:.85rem;padding-top:24px;padding-bottom:32px}
@media (max-width:640px){header,main,footer{padding-left:12px;padding-right:12px}dl{grid-template-columns:1fr}dt{margin-top:6px}}
@media print{.controls,nav,.jump{display:none}}
`;
