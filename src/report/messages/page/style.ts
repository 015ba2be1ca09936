/** What the page of messages adds to the report's style sheet. The page as a whole scrolls, also sideways; its texts stay where they can be read. */
export const MESSAGES_STYLE = String.raw`
header.messages,main.messages,footer.messages{max-width:none;margin:0;padding:0 20px}
header.messages,main.messages .text,footer.messages{position:sticky;left:0;width:min(1240px,100vw - 24px)}header.messages{padding:22px 20px 0}main.messages section{width:max-content;min-width:100%}
.sentence{font-size:1.05rem;max-width:110ch}.sentence a{font-weight:600}
.facts-of{margin:6px 0 10px;padding-left:22px;max-width:110ch;overflow-wrap:anywhere}
.picture{position:relative;width:max-content}.picture .over{position:sticky;top:0;z-index:1;height:46px;margin-bottom:-46px}.picture svg{display:block}.picture .arrow{cursor:pointer}
.said{position:sticky;bottom:0;left:0;z-index:2;width:min(1240px,100vw - 40px);min-height:2.3em;background:var(--panel);border:1px solid var(--rule);border-radius:6px;padding:5px 14px;overflow-wrap:anywhere;font-size:.92rem}
.key-of{display:flex;flex-wrap:wrap;gap:6px 22px;font-size:.86rem;color:var(--soft);margin:8px 0;padding:0;list-style:none}.key-of li{display:flex;align-items:center;gap:8px}.key-of svg{flex:none}
details{margin:8px 0}summary{cursor:pointer}.events{font-size:.85rem}.events tr.at-fault td:first-child{border-left:4px solid var(--bad);padding-left:6px}.events tr.at-fault code{font-weight:700}.events td:nth-child(4){min-width:22em;max-width:70ch}.events tr[data-target]:hover{background:var(--panel)}
.events a{scroll-margin-top:60px}.picture .operation,.picture .arrow{scroll-margin:90px}.operation:target path{stroke-width:4.5}
kbd{font:.85em ui-monospace,Menlo,monospace;border:1px solid var(--rule);border-bottom-width:2px;border-radius:4px;padding:0 5px;background:var(--panel)}
@media print{.said,.picture .over{display:none}header.messages,main.messages .text,footer.messages{position:static;width:auto}.picture svg{width:100%;height:auto}main.messages section,.picture{width:auto}}
`;
