import { describe, expect, it } from 'vitest';
import { parseEditionHosts, pathForHost } from './hosts.ts';

const hosts = parseEditionHosts('bots=bots.example.com, inbox=a.example, inbox=b.example');

describe('an edition’s own host', () => {
  it.each([
    ['bots.example.com', '/api/bots', '/bots/api/bots'],
    ['bots.example.com:3000', '/api/bots?x=1', '/bots/api/bots?x=1'],
    ['BOTS.example.com', '/', '/bots'],
    ['bots.example.com', '/bots/api/bots', '/bots/api/bots'],
    ['a.example', '/auth/login', '/inbox/auth/login'],
    ['b.example', '/auth/login', '/inbox/auth/login'],
    ['scheduler.localhost', '/docs', '/scheduler/docs'],
    ['scheduler.localhost', '/docs/scheduler', '/docs/scheduler'],
    ['scheduler.localhost', '/socket.io/?EIO=4', '/socket.io/?EIO=4'],
    ['bots.localhost', '/api/bots', '/api/bots'],
    ['localhost', '/api/v1', '/api/v1'],
    [undefined, '/x', '/x'],
  ])('%s %s is %s', (host, url, path) => {
    expect(pathForHost(hosts, host, url)).toBe(path);
  });

  it.each(['crm=x.example', 'bots', 'bots=', 'bots=http://x'])('EDITION_HOSTS refuses %s', (text) => {
    expect(() => parseEditionHosts(text)).toThrow(/EDITION_HOSTS/);
  });
});
