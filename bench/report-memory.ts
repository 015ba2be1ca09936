import { writeSync } from 'node:fs';

/** Loaded before a command that is measured: at its end it tells its largest resident memory (KiB) to file descriptor 3. */
process.on('exit', () => void writeSync(3, String(process.resourceUsage().maxRSS)));
