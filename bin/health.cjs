// The health check of the image: asks the address in HITLINE_HEALTH and ends with 0 when it answers, else with 1.
'use strict';
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');

const answerMsMax = 4_000;

/** Ends with 0: whoever answers, be it with a refusal, is alive. */
function alive() {
  process.exit(0);
}

/** Ends with 1 and a reason on standard error, which `docker inspect` shows. */
function dead(reason) {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

const given = process.env.HITLINE_HEALTH ?? '';
if (given === '') alive();
const url = URL.canParse(given) ? new URL(given) : undefined;
if (url === undefined || !['http:', 'https:', 'tcp:'].includes(url.protocol) || url.port === '') {
  dead('HITLINE_HEALTH is not https://HOST:PORT, http://HOST:PORT or tcp://HOST:PORT');
}
setTimeout(() => dead('no answer in time'), answerMsMax);
if (url.protocol === 'tcp:') {
  net.connect(Number(url.port), url.hostname.replace(/^\[|\]$/g, ''), alive).on('error', (error) => dead(error.code));
} else {
  // The certificate is not checked: nothing is told to the other side and nothing it says is believed but that it lives.
  const request = url.protocol === 'https:' ? https.request : http.request;
  request(url, { rejectUnauthorized: false }, alive)
    .on('error', (error) => (/alert|HPE_/.test(`${error.message} ${error.code}`) ? alive() : dead(error.code)))
    .end();
}
