/**
 * The search tokens of the block that is not full yet, in the order of the index: a table in the memory of the writing
 * connection, to which new rows are added a few hundred at a time. So the commit that fills a block has only to put them into
 * the file: sorting the tokens of all its rows took four times as long. It is of the transaction like any other table, but
 * what is in it stands in the events too, and is gathered from them again after a start or an error.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { blockOf, blockRows, tokenBytes } from '../tokens.ts';

const makeTable = `CREATE TEMP TABLE open_block(token BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(token, seq))
  WITHOUT ROWID`;
const gatherRows = `INSERT INTO temp.open_block(token, seq)
  WITH own AS (SELECT seq, tokens FROM event WHERE writer = ?1 AND seq BETWEEN ?2 AND ?3 AND tokens IS NOT NULL),
  place(first) AS (SELECT 1 UNION ALL SELECT first + ${tokenBytes} FROM place
  WHERE first + ${tokenBytes} <= (SELECT max(length(tokens)) FROM own))
  SELECT substr(tokens, first, ${tokenBytes}) AS token, seq FROM own JOIN place ON first <= length(tokens)
  ORDER BY token, seq`;
const fillBlock = `INSERT INTO token(writer, block, token, seq)
  SELECT ?1, ?2, token, seq FROM temp.open_block ORDER BY token, seq`;
const clear = 'DELETE FROM temp.open_block';

export class OpenBlock {
  readonly #writer: string;
  readonly #gatherRows: StatementSync;
  readonly #fillBlock: StatementSync;
  readonly #clear: StatementSync;
  readonly #drop: StatementSync;
  /** The last row whose tokens were gathered. */
  #through: number;

  /** On a connection that has none yet, and outside of a transaction. */
  constructor(db: DatabaseSync, writer: string, head: { readonly seq: number }) {
    db.exec(makeTable);
    this.#writer = writer;
    this.#gatherRows = db.prepare(gatherRows);
    this.#fillBlock = db.prepare(fillBlock);
    this.#clear = db.prepare(clear);
    this.#drop = db.prepare('DELETE FROM temp.open_block WHERE token = ? AND seq = ?');
    this.#through = beforeBlockOf(head);
  }

  /** Adds the tokens of the rows up to this one, all of which are of the open block. */
  gather(seq: number): void {
    if (seq <= this.#through) return;
    this.#gatherRows.run(this.#writer, this.#through + 1, seq);
    this.#through = seq;
  }

  /** Puts the tokens of this block, which has become full, into the index. */
  fill(block: number): void {
    this.gather((block + 1) * blockRows - 1);
    this.#fillBlock.run(this.#writer, block);
    this.#clear.run();
  }

  /** A token of a row of this writer is no more. */
  drop(token: Uint8Array, seq: number): void {
    this.#drop.run(token, seq);
  }

  /** After a transaction that was not kept: all is gathered anew from the events up to this head. */
  forget(head: { readonly seq: number }): void {
    this.#clear.run();
    this.#through = beforeBlockOf(head);
  }
}

function beforeBlockOf({ seq }: { readonly seq: number }): number {
  return blockOf(seq) * blockRows - 1;
}
