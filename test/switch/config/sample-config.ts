import type { ConfigInput } from '../../../src/switch/config.ts';

/** A whole practice configuration, every section said. */
export function practiceConfig(): ConfigInput {
  return {
    practice: true,
    practiceNotice: 'PRACTICE SYSTEM. Nothing here is real.',
    agency: { name: 'Pine Ridge Police Department', ori: 'CO0990100', controlTerminalOri: 'CO0990000', state: 'CO' },
    dataFolder: 'data',
    keys: { file: 'master.key' },
    consoles: [{ id: 'COJ1', coj: true }, { id: 'SUP1' }, { id: 'REC2' }],
    doors: {
      station: {
        port: 0,
        stations: [
          {
            id: 'dispatch',
            name: 'Pine Ridge Communications',
            address: '127.0.0.1',
            oris: ['CO099013N'],
            terminalIds: ['DSP1'],
          },
        ],
      },
      console: { port: 0 },
    },
    upstream: { host: '127.0.0.1', port: 4000, terminalId: 'COJ1', reconnectMs: 1_000 },
    redis: { mode: 'none' },
    clocks: { confirmUrgentMs: 20_000, shortenedNotice: 'Clocks are shortened for practice.' },
    confirmation: {
      controlTerminals: { CO: 'CO0990000', WY: 'WY0990000' },
      ncicQualityControlOri: 'DC0990000',
    },
    people: {
      initial: [
        {
          osn: 'PRACOP1',
          name: 'PRACTICE, OPERATOR',
          roles: ['operator'],
          passwordHash: `$argon2id$v=19$m=19456,t=2,p=1$${'c2FsdHNhbHRzYWx0c2FsdA'}$${'A'.repeat(43)}`,
        },
      ],
    },
  };
}

/** The like for a live system. Its ORIs are of a State that does not exist. */
export function liveConfig(): ConfigInput {
  const { practiceNotice: _, ...rest } = practiceConfig();
  return {
    ...rest,
    practice: false,
    agency: { name: 'Sample Police', ori: 'ZZ0000100', controlTerminalOri: 'ZZ0000000', state: 'ZZ' },
    doors: { station: { port: 4001, stations: [] }, console: { port: 4002 } },
    upstream: {
      host: 'switch.invalid',
      port: 4000,
      terminalId: 'ZZ01',
      tls: { caFile: 'state-ca.pem' },
    },
    clocks: {},
    confirmation: {},
    people: {},
  };
}
