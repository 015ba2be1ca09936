export { renderHtml, type ReportInput } from './render.js';
