import { execa, execaSync } from 'execa';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineObstacle } from '../clusters/docker/testing/engine.js';

/** The command as a user runs it, with an engine behind a real sshd on loopback. */
const BIN = fileURLToPath(new URL('../bin/faultline.js', import.meta.url));
const SSHD = '/usr/sbin/sshd';
const folder = mkdtempSync(join(tmpdir(), 'faultline-ssh-'));

async function obstacleOf(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'not root on Linux';
  if (!existsSync(SSHD)) return 'there is no sshd (Debian: openssh-server)';
  if (!existsSync('/var/run/docker.sock')) return 'there is no engine behind /var/run/docker.sock';
  return engineObstacle();
}

const obstacle = await obstacleOf();
if (obstacle !== undefined) process.stderr.write(`tests/docker-ssh.test.ts: what needs an engine behind ssh is skipped: ${obstacle}\n`);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(obstacle !== undefined)(`an engine behind ssh${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`, { timeout: 120_000 }, () => {
  let sshd: ChildProcess;
  let path = '';

  beforeAll(async () => {
    const port = await freePort();
    for (const name of ['host', 'client']) execaSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    writeFileSync(join(folder, 'known'), `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8')}`);
    writeFileSync(join(folder, 'sshd_config'), [`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${join(folder, 'host')}`, `AuthorizedKeysFile ${join(folder, 'client.pub')}`, 'StrictModes no', 'PidFile none', 'PermitRootLogin yes', ''].join('\n'));
    // An alias that only the configuration of ssh knows: no name service resolves it.
    writeFileSync(join(folder, 'ssh_config'), ['Host engine-of-tests', '  HostName 127.0.0.1', `  Port ${port}`, `  IdentityFile ${join(folder, 'client')}`, `  UserKnownHostsFile ${join(folder, 'known')}`, ''].join('\n'));
    writeFileSync(join(folder, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${join(folder, 'ssh_config')} "$@"\n`, { mode: 0o755 });
    path = `${folder}:${process.env['PATH'] ?? ''}`;
    execaSync('mkdir', ['-p', '/run/sshd']);
    sshd = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
    for (let i = 0; ; i++) {
      const { exitCode } = await execa('ssh', ['-o', 'BatchMode=yes', 'engine-of-tests', 'true'], { env: { PATH: path }, reject: false, stdin: 'ignore' });
      if (exitCode === 0) return;
      if (i > 50) throw new Error('sshd takes no connections');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });

  afterAll(() => {
    sshd.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  const faultline = (...argv: readonly string[]) =>
    execa(process.execPath, [BIN, ...argv], { reject: false, timeout: 100_000, killSignal: 'SIGKILL', stdin: 'ignore', env: { PATH: path, DOCKER_HOST: 'ssh://root@engine-of-tests' } });

  it('runs nodes whose ports are reached at the host that the alias stands for, and leaves nothing', async () => {
    const { exitCode, stderr } = await faultline('test', '--cluster', 'docker', '--nodes', '3', '--nemesis', 'partition,kill', '--time', '6s', '--seed', '5', '--results', join(folder, 'results'), '--suite', 'ssh');
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('VALID')]);
    const { id } = JSON.parse(readFileSync(join(folder, 'results', 'ssh', 'latest', 'run.json'), 'utf8')) as { readonly id: string };
    const { stdout } = await faultline('clean', '--dry-run');
    expect(stdout).not.toContain(id);
  });

  it('is examined by doctor, and a host key that nobody knows is an error', async () => {
    expect((await faultline('doctor', '--cluster', 'docker')).stdout).toContain('ssh://root@engine-of-tests');
    writeFileSync(join(folder, 'known'), '');
    const { exitCode, stdout } = await faultline('doctor', '--cluster', 'docker');
    expect([exitCode, stdout]).toEqual([255, expect.stringMatching(/Host key verification failed/)]);
  });
});
