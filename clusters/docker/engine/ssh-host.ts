import { execa } from 'execa';

const ASK_MS = 5000;

/**
 * The host that ssh would connect to under a name, which may be an alias of its configuration: published ports are reached there. The name itself if ssh does not say.
 */
export async function sshHostname(name: string): Promise<string> {
  const { stdout, failed } = await execa('ssh', ['-G', '--', name], { reject: false, timeout: ASK_MS, stdin: 'ignore' });
  const found = failed ? undefined : /^hostname (\S+)$/m.exec(stdout)?.[1];
  return found ?? name;
}
