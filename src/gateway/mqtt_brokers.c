#include "gateway/mqtt_brokers.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "host/log.h"

enum { PORT_IN_CLEAR = 1883, PORT_OF_TLS = 8883 };

/* ---- one word of the list ---- */

static enum status no_broker(const char *word, size_t length, struct error *error)
{
    return ERROR(error, STATUS_USAGE,
                 "--brokers: %.*s is none; expected mqtts://HOST or mqtt://HOST, with :PORT if it is not the usual one",
                 (int)length, word);
}

/* Digits to the end. */
static bool read_port(const char *text, size_t length, uint16_t *port)
{
    unsigned long value = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || value > UINT16_MAX) {
            return false;
        }
        value = 10 * value + (unsigned long)(text[i] - '0');
    }
    *port = (uint16_t)value;
    return length > 0 && value > 0 && value <= UINT16_MAX;
}

/* "host", "host:1883", "[::1]:1883". */
static bool read_place(const char *text, size_t length, struct mqtt_broker *broker)
{
    bool is_six = length > 0 && text[0] == '[';
    const char *end = memchr(text, is_six ? ']' : ':', length);
    size_t begin = is_six ? 1 : 0, host = end != NULL ? (size_t)(end - text) - begin : length - begin;
    size_t behind = begin + host + begin; /* the bracket too */
    if ((is_six && end == NULL) || host == 0 || host >= sizeof broker->host) {
        return false;
    }
    memcpy(broker->host, text + begin, host);
    broker->host[host] = '\0';
    return behind == length || (text[behind] == ':' && read_port(text + behind + 1, length - behind - 1, &broker->port));
}

static enum status read_word(const char *word, size_t length, struct mqtt_broker *broker, bool *is_tls, struct error *error)
{
    static const char clear[] = "mqtt://", secret[] = "mqtts://";
    *is_tls = length >= sizeof secret - 1 && memcmp(word, secret, sizeof secret - 1) == 0;
    bool is_clear = length >= sizeof clear - 1 && memcmp(word, clear, sizeof clear - 1) == 0;
    size_t scheme = *is_tls ? sizeof secret - 1 : sizeof clear - 1;
    *broker = (struct mqtt_broker){ .port = *is_tls ? PORT_OF_TLS : PORT_IN_CLEAR };
    return (*is_tls || is_clear) && read_place(word + scheme, length - scheme, broker) ? STATUS_OK
                                                                                       : no_broker(word, length, error);
}

/* ---- its address ---- */

static bool is_loopback(const char *address) { return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0; }

static bool look_up(struct mqtt_broker *broker)
{
    struct addrinfo *found = NULL;
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    bool is_known = getaddrinfo(broker->host, NULL, &hints, &found) == 0 &&
                    getnameinfo(found->ai_addr, found->ai_addrlen, broker->address, sizeof broker->address, NULL, 0,
                                NI_NUMERICHOST) == 0;
    if (found != NULL) {
        freeaddrinfo(found);
    }
    if (!is_known) {
        LOG(LOG_ERROR, "gateway", "no machine of a broker's name is known; it is not used until the next start",
            LOG_TEXT("broker", broker->host));
    }
    return is_known;
}

/* ---- TLS ---- */

static bool load(SSL_CTX *context, const struct mqtt_tls *tls)
{
    bool is_trusting = tls->authority != NULL ? SSL_CTX_load_verify_file(context, tls->authority) == 1
                                              : SSL_CTX_set_default_verify_paths(context) == 1;
    return is_trusting && (tls->certificate == NULL || SSL_CTX_use_certificate_chain_file(context, tls->certificate) == 1) &&
           (tls->key == NULL ||
            (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(context) == 1));
}

/* The certificate must bear the name by which the operator calls the broker. */
static bool demand_name(SSL_CTX *context, const struct mqtt_broker *broker)
{
    X509_VERIFY_PARAM *wanted = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    unsigned char bytes[16];
    bool is_address = inet_pton(AF_INET, broker->host, bytes) == 1 || inet_pton(AF_INET6, broker->host, bytes) == 1;
    return is_address ? X509_VERIFY_PARAM_set1_ip_asc(wanted, broker->host) == 1
                      : X509_VERIFY_PARAM_set1_host(wanted, broker->host, 0) == 1;
}

static enum status prepare_tls(struct mqtt_broker *broker, const struct mqtt_tls *tls, struct error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    broker->tls = context;
    if (context == NULL) {
        return ERROR(error, STATUS_NO_MEMORY, "no memory for TLS");
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 || !demand_name(context, broker)) {
        return ERROR(error, STATUS_IO, "TLS cannot be prepared for the broker %s", broker->host);
    }
    return load(context, tls)
               ? STATUS_OK
               : ERROR(error, STATUS_BAD_INPUT,
                       "TLS to the broker %s: --ca, --certificate and --key must name readable files in PEM, and the key "
                       "must be the certificate's",
                       broker->host);
}

/* ---- the list ---- */

static enum status add(struct mqtt_brokers *brokers, const char *word, size_t length, const struct mqtt_tls *tls,
                       struct error *error)
{
    bool is_tls;
    if (brokers->count == MQTT_BROKERS_MAX) {
        return ERROR(error, STATUS_FULL, "--brokers: more than %d", MQTT_BROKERS_MAX);
    }
    struct mqtt_broker *broker = &brokers->items[brokers->count];
    TRY(read_word(word, length, broker, &is_tls, error));
    if (!look_up(broker)) {
        return STATUS_OK;
    }
    brokers->count += 1;
    if (!is_tls && !is_loopback(broker->address)) {
        LOG(LOG_WARNING, "gateway", "the line to a broker on another machine is in clear: use mqtts://",
            LOG_TEXT("broker", broker->host));
    }
    return is_tls ? prepare_tls(broker, tls, error) : STATUS_OK;
}

enum status mqtt_brokers_read(struct mqtt_brokers *brokers, const char *list, const struct mqtt_tls *tls, struct error *error)
{
    *brokers = (struct mqtt_brokers){ .count = 0 };
    for (const char *at = list; *at != '\0';) {
        size_t length = strcspn(at, ",");
        enum status status = add(brokers, at, length, tls, error);
        if (status != STATUS_OK) {
            mqtt_brokers_free(brokers);
            return status;
        }
        at += length + (at[length] == ',' ? 1 : 0);
    }
    return brokers->count > 0 ? STATUS_OK : ERROR(error, STATUS_IO, "--brokers %s: no machine of such a name is known", list);
}

void mqtt_brokers_free(struct mqtt_brokers *brokers)
{
    for (uint32_t i = 0; i < MQTT_BROKERS_MAX; i++) {
        SSL_CTX_free(brokers->items[i].tls);
        brokers->items[i].tls = NULL;
    }
    brokers->count = 0;
}
