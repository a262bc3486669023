// The Node peer: the smallest honest webhook handler on node:http.
//
// It does per request what Hookline must do before it can say "no rule matched": read the whole
// body, check X-Hub-Signature-256 over the raw bytes in constant time, parse the JSON, compare
// `ref`, answer 200 with a small JSON object. It is fair, and leans its own way: no framework, no
// logging, nothing recorded, and a body that came in one piece is not copied.
'use strict';

const http = require('node:http');
const { createHmac, timingSafeEqual } = require('node:crypto');

const secret = process.env.GITHUB_WEBHOOK_SECRET;
if (!secret) {
  console.error('GITHUB_WEBHOOK_SECRET is not set');
  process.exit(78);
}
const bodyBytesMax = 25 * 1024 * 1024; // GitHub sends no larger payload.

http
  .createServer((request, response) => {
    if (request.method !== 'POST' || request.url !== '/hooks/github') {
      return answer(response, 404, '{"error":"not found"}');
    }
    const chunks = [];
    let length = 0;
    request.on('data', (chunk) => {
      length += chunk.length;
      if (length > bodyBytesMax) return request.destroy();
      chunks.push(chunk);
    });
    request.on('end', () => {
      const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
      receive(body, request.headers['x-hub-signature-256'], response);
    });
  })
  .listen(Number(process.env.PORT), '127.0.0.1');

function receive(body, signature, response) {
  if (!verified(body, signature)) return answer(response, 401, '{"error":"bad signature"}');
  let push;
  try {
    push = JSON.parse(body);
  } catch {
    return answer(response, 400, '{"error":"not JSON"}');
  }
  const matched = push.ref === 'refs/heads/never';
  return answer(response, 200, matched ? '{"matched":true}' : '{"matched":false}');
}

function verified(body, signature) {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(signature ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function answer(response, status, text) {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
