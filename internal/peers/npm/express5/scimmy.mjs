// scimmy behind scimmy-routers on Express 5.
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";
import { hostScimmy } from "../shelf.mjs";

hostScimmy(express, SCIMMY, SCIMMYRouters);
