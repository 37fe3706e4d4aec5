// The script of a Zabbix media type of the type "Webhook" (Zabbix 6.0 or newer). It hands a problem, its updates and
// its recovery to Refgate. The reference is the trigger's id, so that a trigger that comes and goes stays one todo.
var params = JSON.parse(value);

var body = {
    source: params.source,
    externalReference: 'trigger ' + params.trigger_id,
    todoType: 'INCIDENT',
    title: params.event_name.substring(0, 250),
    description: params.message
};

if (params.event_value === '0') {
    body.status = 'Done';
} else {
    body.status = 'In Progress';
    body.priority = params.severity >= 4 ? 'HIGH' : params.severity >= 2 ? 'MEDIUM' : 'LOW';
}

var request = new HttpRequest();
request.addHeader('Content-Type: application/json');
request.addHeader('Authorization: Bearer ' + params.key);

var answer = request.post(params.url + '/api/v1/external-reference', JSON.stringify(body));

if (request.getStatus() !== 200 && request.getStatus() !== 201) {
    // What is thrown is an error to Zabbix, which then tries again as often as the media type says.
    throw 'Refgate answered ' + request.getStatus() + ': ' + answer;
}

var todo = JSON.parse(answer).todo;

return JSON.stringify({tags: todo === null ? {} : {refgate_key: todo.key, refgate_url: todo.url}});
