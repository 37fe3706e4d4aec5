// Shows the description of the API; validatorUrl is off since nothing here may ask another server.
"use strict";

const place = document.getElementById("docs");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.description,
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
});
