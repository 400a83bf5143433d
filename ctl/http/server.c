/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include <microhttpd.h>

#include "access.h"
#include "base/cleanup.h"
#include "connections.h"

#define HEADERS_MAX 16384 /* of a request, and what of an answer is under way */
#define BODY_MAX 4096
#define SILENCE_S 10

static const char strict_policy[] = "default-src 'none'; frame-ancestors 'none'";

struct running {
	const struct http_server *server;
	struct connections connections;
	bool has_room; /* a connection has ended in microhttpd's last run */
};

struct http_request {
	struct MHD_Connection *connection;
	const char *path;
	const struct http_route *route; /* what admits it */
	char body[BODY_MAX + 1];
	size_t body_size;
	bool is_too_large;
};

const char *http_query(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *http_header(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *http_body(const struct http_request *request)
{
	return request->body;
}

static struct connection *connection_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
		->socket_context;
}

static void add_headers(struct MHD_Response *response, const struct http_answer *answer)
{
	MHD_add_response_header(response, "Content-Type", answer->type);
	MHD_add_response_header(response, "Content-Security-Policy",
				answer->policy ?: strict_policy);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "X-Frame-Options", "DENY");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(response, "Cross-Origin-Resource-Policy", "same-origin");
	MHD_add_response_header(response, "Cache-Control", "no-store");
	if (answer->allow)
		MHD_add_response_header(response, "Allow", answer->allow);
	if (answer->status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
}

/* Takes the answer's body over. MHD_NO closes the connection: there is no memory to say more. */
static enum MHD_Result send_answer(struct MHD_Connection *connection, struct http_answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!answer->body)
		return MHD_NO;
	response = MHD_create_response_from_buffer(answer->size, take_ptr(answer->body),
						   MHD_RESPMEM_MUST_FREE);
	if (!response)
		return MHD_NO;
	add_headers(response, answer);
	connection_await_answer(connection_of(connection));
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static const struct http_route *find_route(const struct http_server *server, const char *path)
{
	for (const struct http_route *route = server->routes; route->path; route++)
		if (!strcmp(route->path, path))
			return route;
	return NULL;
}

/* A page of another site in the operator's browser must neither read nor change anything. */
static bool check_origin(const struct http_server *server, const struct http_request *request,
			 struct http_answer *answer)
{
	const char *host = http_header(request, "Host");

	if (server->endpoint->is_loopback && !access_is_loopback_host(host))
		http_answer_fail(answer, MHD_HTTP_MISDIRECTED_REQUEST,
				 "this server answers to localhost, 127.0.0.1 and [::1] alone");
	else if (!access_is_same_origin(http_header(request, "Origin"), host))
		http_answer_fail(answer, MHD_HTTP_FORBIDDEN, "asked by a page of another site");
	return !answer->status;
}

/* With parameters or without: "application/json; charset=utf-8". */
static bool is_json(const char *type)
{
	size_t length = type ? strcspn(type, "; \t") : 0;

	return length == strlen(HTTP_JSON) && !strncasecmp(type, HTTP_JSON, length);
}

static bool check_control(const struct http_server *server, const struct http_request *request,
			  struct http_answer *answer)
{
	if (!server->token)
		http_answer_fail(answer, MHD_HTTP_FORBIDDEN,
				 "nothing can be changed here: xdpguard serve runs without "
				 "--allow-control");
	else if (!access_is_authorized(http_header(request, "Authorization"), server->token))
		http_answer_fail(answer, MHD_HTTP_UNAUTHORIZED,
				 "the token is missing or wrong: Authorization: Bearer TOKEN");
	else if (!is_json(http_header(request, "Content-Type")))
		http_answer_fail(answer, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE,
				 "expected Content-Type: " HTTP_JSON);
	return !answer->status;
}

static bool check_method(const struct http_route *route, const char *method,
			 struct http_answer *answer)
{
	bool is_read = !strcmp(method, MHD_HTTP_METHOD_GET) ||
		       !strcmp(method, MHD_HTTP_METHOD_HEAD);

	if (route->is_control ? !strcmp(method, MHD_HTTP_METHOD_POST) : is_read)
		return true;
	http_answer_fail(answer, MHD_HTTP_METHOD_NOT_ALLOWED, "%s does not take %s", route->path,
			 method);
	answer->allow = route->is_control ? "POST" : "GET, HEAD";
	return false;
}

/* Before the body: what is refused is refused without it. NULL: `answer` says why. */
static const struct http_route *admit(const struct http_server *server,
				      const struct http_request *request, const char *method,
				      struct http_answer *answer)
{
	const struct http_route *route;

	if (!check_origin(server, request, answer))
		return NULL;
	route = find_route(server, request->path);
	if (!route)
		http_answer_fail(answer, HTTP_NOT_FOUND, "there is no %s", request->path);
	else if (!check_method(route, method, answer) ||
		 (route->is_control && !check_control(server, request, answer)))
		route = NULL;
	else if (strtoull(http_header(request, "Content-Length") ?: "0", NULL, 10) > BODY_MAX)
		http_answer_fail(answer, MHD_HTTP_CONTENT_TOO_LARGE, "at most %d bytes", BODY_MAX);
	return answer->status ? NULL : route;
}

static enum MHD_Result begin(const struct http_server *server, struct MHD_Connection *connection,
			     const char *path, const char *method, void **request_context)
{
	struct http_request *request = calloc(1, sizeof(*request));
	struct http_answer answer = {};

	if (!request)
		return MHD_NO;
	*request_context = request;
	request->connection = connection;
	request->path = path;
	request->route = admit(server, request, method, &answer);
	if (request->route)
		return MHD_YES;
	return send_answer(connection, &answer);
}

static void take_body(struct http_request *request, const char *data, size_t size)
{
	if (size > BODY_MAX - request->body_size) {
		request->is_too_large = true;
		return;
	}
	memcpy(request->body + request->body_size, data, size);
	request->body_size += size;
}

static enum MHD_Result finish(const struct http_server *server, struct http_request *request)
{
	struct http_answer answer = {};

	if (request->is_too_large)
		http_answer_fail(&answer, MHD_HTTP_CONTENT_TOO_LARGE, "at most %d bytes", BODY_MAX);
	else
		request->route->answer(request, &answer, server->data);
	return send_answer(request->connection, &answer);
}

/* microhttpd calls it for the headers, for every part of the body, and at the end. */
static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request_context)
{
	struct running *running = data;
	struct http_request *request = *request_context;

	if (!connection_of(connection))
		return MHD_NO;
	if (!request)
		return begin(running->server, connection, path, method, request_context);
	if (*upload_size) {
		take_body(request, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	return finish(running->server, request);
}

static void completed(void *data, struct MHD_Connection *connection, void **request_context,
		      enum MHD_RequestTerminationCode code)
{
	free(*request_context);
	*request_context = NULL;
	if (connection_of(connection))
		connection_await_request(connection_of(connection));
}

static void connected(void *data, struct MHD_Connection *connection, void **socket_context,
		      enum MHD_ConnectionNotificationCode code)
{
	struct running *running = data;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*socket_context = connection_begin(
			&running->connections,
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
				->connect_fd);
	else if (*socket_context)
		connection_end(*socket_context);
	running->has_room |= code == MHD_CONNECTION_NOTIFY_CLOSED;
}

static void daemon_stop(struct MHD_Daemon **daemon)
{
	if (*daemon)
		MHD_stop_daemon(*daemon);
}

static int wait_for_more(struct MHD_Daemon *daemon, struct running *running, int signals)
{
	int timeout = connections_sweep(&running->connections);
	struct pollfd waits[] = {
		{.fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd,
		 .events = POLLIN},
		{.fd = signals, .events = POLLIN},
	};
	MHD_UNSIGNED_LONG_LONG wanted;

	if (MHD_get_timeout(daemon, &wanted) == MHD_YES &&
	    (timeout < 0 || wanted < (unsigned)timeout))
		timeout = (int)wanted;
	/* Only its next run listens again for who waited while there was no room. */
	if (running->has_room)
		timeout = 0;
	running->has_room = false;
	if (poll(waits, ARRAY_SIZE(waits), timeout) < 0 && errno != EINTR)
		return -errno;
	return waits[1].revents != 0;
}

static int open_signals(void)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int http_serve(const struct http_server *server, struct why *why)
{
	struct running running = {.server = server};
	_cleanup_close_ int signals = open_signals();
	_cleanup_(daemon_stop) struct MHD_Daemon *daemon = NULL;
	int r = 0;

	if (signals < 0)
		return why_set(why, signals, "cannot wait for signals: %s", strerror(-signals));
	daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, &running,
				  MHD_OPTION_LISTEN_SOCKET, server->socket,
				  MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
				  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_MAX,
				  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_S,
				  MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED,
				  completed, &running, MHD_OPTION_NOTIFY_CONNECTION, connected,
				  &running, MHD_OPTION_END);
	if (!daemon)
		return why_set(why, -EIO, "cannot start the HTTP server");
	while (r == 0) {
		MHD_run(daemon);
		r = wait_for_more(daemon, &running, signals);
	}
	return r < 0 ? why_set(why, r, "cannot wait for connections: %s", strerror(-r)) : 0;
}
