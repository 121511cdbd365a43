import { integer, oneOf, optionalText, strictProperties } from '../../core/plugin.ts'

/** The options of `[plugin:httpd]`; those of the same names in `[circus]` stand in for what it leaves out. */
export const options = strictProperties({
  httpd_host: optionalText('address it listens at, or the path of a unix socket; localhost'),
  httpd_port: integer('port; 0: any free one', 8080, 0),
  httpd_socket: optionalText('NAME of the [socket:NAME] it listens at, instead'),
  httpd_url_prefix: optionalText('path it is below, behind a reverse proxy'),
  httpd_auth: oneOf('how one logs in', ['', 'token', 'users', 'none'], ''),
  httpd_users: optionalText('file with the users'),
  httpd_allowed_hosts: optionalText('names it is reached by, beside localhost and addresses'),
})
