import { isIP } from 'node:net';
import { z } from 'zod';
import { canonicalAddress } from '../../wire/sockets/address.ts';

/** What is dialled or listened on. */
export const hostText = z
  .string()
  .regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'This is not a host name or an IP address.')
  .describe('Host name or IP address.');

/** Who connects is known by his address: a name would never be his. However it is written, it is compared in one form. */
export const ipText = z
  .string()
  .refine((text) => isIP(text) !== 0, 'This is not an IP address.')
  .overwrite(canonicalAddress);
