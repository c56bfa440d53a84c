// What the commands of a server share on their command line.

/** Options of the command line. */
export interface Options {
  config: string[]
  port: string | undefined
  state: string | undefined
}
