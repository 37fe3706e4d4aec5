"""Examples that the documentation shows and the tests run."""

SUBMISSION: dict[str, object] = {
    "externalReference": "EXTREF001",
    "todoType": "INCIDENT",
    "domainWorkSpace": "EXA-CON-BUS-WOR",
    "title": "Potential Customs claim",
    "description": "Operation started without proper approvals",
    "financialImpact": "123577",
    "impact": "HIGH",
    "likelihood": "MEDIUM",
    "status": "IN PROGRESS",
    "priority": "HIGH",
    "assignee": "Example@example.com",
    "reporter": "Example@example.com",
    "category": ["Customs"],
    "subCategory": ["IT"],
    "lrn": "725462",
    "orderID": ["ORDER 777"],
    "reminderDate": "2024-09-27",
}
