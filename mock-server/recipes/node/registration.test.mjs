// Registrations at a sandbox, with Node 20's own test runner and nothing else:
//
//     node --test mock-server/recipes/node/registration.test.mjs
//
// Uses the sandbox at SANDBOX_URL, or starts LINGMINBAN_SANDBOX_BIN (a lingminban-sandbox on the
// PATH when not set). Every test has a space of its own, so all of them run at once.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';

const EXAMPLES = new URL('../../../sdk/src/api/examples/', import.meta.url);
const REGISTRATION = JSON.parse(await readFile(new URL('registration.standard.json', EXAMPLES)));

let sandbox;

before(async () => {
  sandbox = await joinOrStart();
});

after(() => sandbox.stop());

describe('a dealer', { concurrency: true }, () => {
  inSpace('has a registration completed', async (space) => {
    const application = await filed(await space.fileRegistration('registration-1'));
    assert.equal(application.status, 'received');

    await space.command('POST', '/clock', { advance: 'PT1M' });

    const done = await space.get(`/v1/applications/${application.application_id}`);
    assert.equal(done.status, 'completed');
    assert.match(done.result.plate_number, /^鲁C/);
  });

  inSpace('repeats safely what was answered to nobody', async (space) => {
    await space.command('PUT', '/faults', [
      { operation: 'submit_registration', nth: 1, effect: 'lost_ack' },
    ]);
    // Whether anything was filed is unknown then: only the same key makes a retry safe.
    await assert.rejects(space.fileRegistration('registration-1'), TypeError);

    const retried = await space.fileRegistration('registration-1');
    const application = await filed(retried);
    assert.equal(retried.headers.get('Idempotency-Replayed'), 'true');

    const { items } = await space.get('/v1/applications');
    assert.deepEqual(items.map((item) => item.application_id), [application.application_id]);
  });

  inSpace('is refused a stolen car', async (space) => {
    const { vin } = REGISTRATION.vehicle;
    await space.command('POST', `/vehicles/${vin}/flags`, { set: ['stolen'] });
    const application = await filed(await space.fileRegistration('registration-1'));

    await space.command('POST', '/clock', { advance: 'PT1M' });

    const refused = await space.get(`/v1/applications/${application.application_id}`);
    assert.equal(refused.status, 'refused');
    assert.equal(refused.findings[0].code, 'stolen_or_defrauded');
  });
});

// The space of a test that failed stays, and its journal with it.
function inSpace(name, play) {
  test(name, async (context) => {
    const space = await newSpace();
    context.diagnostic(space.id);
    await play(space);
    await space.command('DELETE', '');
  });
}

async function joinOrStart() {
  if (process.env.SANDBOX_URL) {
    return { url: process.env.SANDBOX_URL, stop() {} };
  }
  const program = process.env.LINGMINBAN_SANDBOX_BIN ?? 'lingminban-sandbox';
  const child = spawn(program, ['serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${program} ended before it was ready`);
  });
  const [ready] = await Promise.race([once(lines, 'line'), ended]);
  // When it ends later, that is no failure.
  ended.catch(() => {});
  return { url: JSON.parse(ready).base_url, stop: () => child.kill() };
}

// An authority nobody else sees, whose clock stands still until it is moved, and one dealer's way to it.
async function newSpace() {
  const created = await command('POST', '/spaces', { outlet_kind: 'dealer', frozen: true });
  const [credential] = created.credentials;
  const headers = { Authorization: `Bearer ${await newToken(credential)}` };
  return {
    id: created.space_id,
    command: (method, path, value) => command(method, `/spaces/${created.space_id}${path}`, value),
    fileRegistration: (key) =>
      send('POST', '/v1/registrations', REGISTRATION, { ...headers, 'Idempotency-Key': key }),
    async get(path) {
      return read(await send('GET', path, undefined, headers), 200);
    },
  };
}

async function newToken({ client_id: id, client_secret: secret }) {
  const basic = Buffer.from(`${id}:${secret}`).toString('base64');
  const answer = await fetch(`${sandbox.url}/oauth2/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return (await read(answer, 200)).access_token;
}

// A request of the control interface; a refusal fails the test.
async function command(method, path, value) {
  const adminToken = process.env.LINGMINBAN_SANDBOX_ADMIN_TOKEN;
  const headers = adminToken ? { Authorization: `Bearer ${adminToken}` } : {};
  const answer = await send(method, `/sandbox/v1${path}`, value, headers);
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path} answered ${answer.status}: ${text}`);
  return text && JSON.parse(text);
}

function send(method, path, value, headers) {
  const json = value !== undefined && {
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(value),
  };
  return fetch(sandbox.url + path, { method, headers, signal: AbortSignal.timeout(30_000), ...json });
}

const filed = (answer) => read(answer, 201);

async function read(answer, status) {
  const text = await answer.text();
  assert.equal(answer.status, status, text);
  return JSON.parse(text);
}
