/** A user or queue that can own records. */
export interface Owner {
  readonly id: string
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly userId: number
  readonly archived: boolean
}
