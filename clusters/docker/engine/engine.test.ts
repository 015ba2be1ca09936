import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeAddress, engineAddress, hostOf } from './address.js';
import { connectEngine } from './connect.js';
import { factRows, factsOf } from './facts.js';
import { engineDown } from './failure.js';

const servers: (Server | NetServer)[] = [];
const folder = mkdtempSync(join(tmpdir(), 'fl-engine-'));
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
});

async function listen<T extends Server | NetServer>(server: T): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function fakeEngine(version: unknown, info: unknown = {}): Promise<string> {
  return listen(createHttpServer((request, response) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(request.url === '/version' ? version : info))));
}

describe('DOCKER_HOST', () => {
  it.each([
    ['unix:///run/x.sock', 'unix:///run/x.sock', undefined],
    ['tcp://10.0.0.5', 'tcp://10.0.0.5:2375', '10.0.0.5'],
    ['tcp://db.example:80', 'tcp://db.example:80', 'db.example'],
    ['tcp://[::1]:2375', 'tcp://[::1]:2375', undefined],
    ['tcp://localhost:1/', 'tcp://localhost:1', undefined],
    ['ssh://me@host:2222', 'ssh://me@host:2222', 'host'],
    ['ssh://host', 'ssh://host', 'host'],
  ])('%s', (text, shown, host) => {
    const address = engineAddress({ DOCKER_HOST: text });
    expect([describeAddress(address), hostOf(address)]).toEqual([shown, host]);
  });

  it('is the socket of this machine if it is not set', () => {
    expect(describeAddress(engineAddress({}))).toMatch(/^unix:\/\/.*docker\.sock$/);
    expect(engineAddress({ DOCKER_HOST: ' ' })).toEqual(engineAddress({}));
  });

  it.each(['10.0.0.5:2375', 'http://x', 'unix://relative', 'tcp://', 'tcp://x:99999', 'tcp://x:0', 'tcp://me@x', 'tcp://x/path', 'ssh://me:secret@x', 'ssh://-oProxyCommand=x', 'ssh://-oX=1@host', 'fd://'])('refuses %s', (text) => {
    const refused = expect.objectContaining({ code: 'bad-docker-host', exitCode: 254, message: expect.stringContaining('DOCKER_HOST: "') as string }) as Error;
    expect(() => engineAddress({ DOCKER_HOST: text })).toThrow(refused);
    expect(() => engineAddress({ DOCKER_HOST: text })).not.toThrow('secret');
  });

  it('names the variable and the file when TLS files are missing', () => {
    writeFileSync(join(folder, 'ca.pem'), 'x');
    expect(() => engineAddress({ DOCKER_HOST: 'tcp://x', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder })).toThrow(/^DOCKER_CERT_PATH: cert\.pem cannot be read: ENOENT/);
  });
});

describe('an engine that is not there', () => {
  it.each([
    ['unix:///nonexistent/docker.sock', /unix:\/\/\/nonexistent\/docker\.sock \(from DOCKER_HOST\): ENOENT/],
    ['tcp://127.0.0.1:1', /tcp:\/\/127\.0\.0\.1:1 \(from DOCKER_HOST\): ECONNREFUSED/],
    ['tcp://[::1]:1', /tcp:\/\/\[::1\]:1 .*: (ECONNREFUSED|EADDRNOTAVAIL|E\w+)/],
  ])('%s', async (address, message) => {
    const error = await connectEngine({ DOCKER_HOST: address }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'engine-down', hint: expect.stringMatching(/./) as string, message: expect.stringMatching(message) as string });
  });

  it('says so of one that takes the connection and never answers', async () => {
    const address = await listen(createServer());
    const started = performance.now();
    await expect(connectEngine({ DOCKER_HOST: address }, 200)).rejects.toMatchObject({ code: 'engine-down', message: expect.stringContaining('no answer within 0.2 s') as string });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('says so of something else that answers', async () => {
    await expect(connectEngine({ DOCKER_HOST: await fakeEngine('hello') })).rejects.toMatchObject({ code: 'engine-down', message: expect.stringContaining('is no Docker engine') as string });
    const refusing = await listen(createHttpServer((_, response) => response.writeHead(403).end('{"message":"go away"}')));
    await expect(connectEngine({ DOCKER_HOST: refusing })).rejects.toMatchObject({ code: 'engine-down', message: expect.stringContaining('HTTP status 403: go away') as string });
  });

  it('tells mistakes with TLS: a port without it, files that are none', async () => {
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(folder, name), 'no certificate\n');
    const address = await fakeEngine({ ApiVersion: '1.41', Os: 'linux' });
    const error = await connectEngine({ DOCKER_HOST: address, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'engine-down', message: expect.stringMatching(/with TLS .*: TLS: /) as string, hint: expect.stringContaining('DOCKER_CERT_PATH') as string });
    expect(engineDown(engineAddress({ DOCKER_HOST: 'tcp://x' }), new Error('(HTTP code 400) Client sent an HTTP request to an HTTPS server.')).hint).toContain('DOCKER_TLS_VERIFY=1');
  });

  it('shows what ssh says', () => {
    const address = engineAddress({ DOCKER_HOST: 'ssh://me@x' });
    expect(engineDown(address, new Error('ssh ended with 255: me@x: Permission denied (publickey).')).hint).toContain('ssh-add');
    expect(engineDown(address, Object.assign(new Error('spawn ssh ENOENT'), { code: 'ENOENT' })).message).toContain('there is no ssh command');
  });
});

describe('an engine that is there', () => {
  it('is refused if it is old or no Linux engine', async () => {
    await expect(connectEngine({ DOCKER_HOST: await fakeEngine({ ApiVersion: '1.39', Os: 'linux' }) })).rejects.toMatchObject({ code: 'engine-old', message: expect.stringContaining('speaks API 1.39, 1.41 is needed') as string });
    await expect(connectEngine({ DOCKER_HOST: await fakeEngine({ ApiVersion: '1.9', Os: 'linux' }) })).rejects.toMatchObject({ code: 'engine-old' });
    await expect(connectEngine({ DOCKER_HOST: await fakeEngine({ ApiVersion: '1.50', Os: 'windows' }) })).rejects.toMatchObject({ code: 'engine-os' });
  });

  it('gives its facts', async () => {
    const version = { ApiVersion: '1.50', Os: 'linux', Version: '28.0.1', Arch: 'arm64', KernelVersion: '6.1' };
    const engine = await connectEngine({ DOCKER_HOST: await fakeEngine(version, { NCPU: 4, MemTotal: 2 ** 33, CgroupVersion: '2', SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] }) });
    expect(engine.facts).toMatchObject({ version: '28.0.1', architecture: 'arm64', cpus: 4, cgroupVersion: '2', security: ['seccomp', 'rootless'] });
    expect(engine.host).toBeUndefined();
    expect(factRows(engine.facts).find(([name]) => name === 'memory')).toEqual(['memory', '8.0 GiB']);
    expect(factRows(factsOf({}, {})).find(([name]) => name === 'cgroup')).toEqual(['cgroup', 'version ?']);
  });
});
